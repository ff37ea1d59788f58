# One fault is one message: what a misspelt name stands for is not missing, too.
variable "env" {
  type    = string
  defalut = "prod" # ERROR WB703
}

variable "size" {
  type    = number
  default = 1

  validation { # ERROR WB706
    condition = var.size > 1
  }
}

courier "orders" {
  file_drop { url = "in" } # ERROR WB702
  file "orders" { patern = "orders.csv" } # ERROR WB703
}

courier "crm" {
  exec = { command = ["fetch"] } # ERROR WB703
}

process "load" {
  exce { command = ["load"] } # ERROR WB702
}

courier_group "daily" {
  timezone  = "UTC"
  schedule  = "0 5 * * *"
  couriers  = [courier.orders, courier.crm]
  processes = [process.load]
  max_range = "${var.size}${var.env}d"
}

locals {
  brands = { # WARNING WB733
    acme   = 1
    emi    = 2
    "acme" = 3 # ERROR WB715
  }
}

courier "feed" {
  for_each = toset(["acme"])
  exec { command = ["fetch", each.key] }
}

courier_group "feeds" {
  couriers    = [courier.feed["globex"]] # ERROR WB710
  description = local.purpose # ERROR WB710
}
