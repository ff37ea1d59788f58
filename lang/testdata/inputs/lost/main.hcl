variable "env" { type = string }
variable "again" { type = string }

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = "${var.env} ${var.again}"
  processes   = [process.p]
}

process "p" {
  exec { command = ["true"] }
}
