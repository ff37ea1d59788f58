# --var-file bad.json
# --var-file list.json
# --var-file twice.json
variable "env" { type = string }

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = var.env
  processes   = [process.p]
}

process "p" {
  exec { command = ["true"] }
}
