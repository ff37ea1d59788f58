# --var-file tokens.json
variable "env" { type = number }
variable "token" {
  type      = number
  sensitive = true
}
variable "pin" {
  sensitive = true
  validation {
    condition     = length(var.pin) > 20
    error_message = "A pin is long."
  }
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = "${var.env} ${var.token} ${var.pin}" # ERROR WB728
  processes   = [process.p]
}

process "p" {
  exec { command = ["true"] }
}
