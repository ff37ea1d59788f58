# --var-file more.json
# --var-file mroe.hclvars
# NOWHERE ERROR WB722
# NOWHERE ERROR WB722
# --var-file folder
variable "env" {
  type = string
  validation {
    condition     = var.env == "prod"
    error_message = "env is prod."
  }
}

variable "workers" { type = number }
variable "zones" { type = list(string) }
variable "shop" { type = object({ name = string }) }
variable "path" { type = string }
variable "rows" { type = number }

courier "c" {
  filedrop { url = "inbox/${var.path}" }
  file "x" { pattern = "x-{yyyy}-{MM}-{dd}.csv" }
  max_concurrent = var.workers
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = "${var.env} ${join(",", var.zones)} ${var.shop.name} ${var.rows}"
  couriers    = [courier.c]
}
