courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

locals {
  a = local.b # ERROR WB713
  b = "${local.c}!"
  c = upper(local.a)
  d = local.d # ERROR WB713
}

process "stitch" {
  after = [process.report]
  exec { command = ["stitch", local.a, local.d] }
}

process "report" {
  after = [process.stitch] # ERROR WB713
  exec { command = ["report"] }
}

courier_group "daily" {
  schedule  = "0 13 * * *"
  couriers  = [courier.orders]
  processes = [process.stitch, process.report]
  after "evening" { group = courier_group.evening } # ERROR WB713
}

courier_group "evening" {
  schedule  = "0 18 * * *"
  processes = [process.stitch, process.report]
  after "daily" { group = courier_group.daily }
}
