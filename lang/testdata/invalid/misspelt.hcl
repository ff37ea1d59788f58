# Each of these is one mistake, and one message, however much uses the name.

waybil { # ERROR WB702
  defaults {
    wait { hours = 1 }
  }
}

variable "rows" {
  tipe    = number # ERROR WB703
  default = local.most
}

variable "token" {
  sensitve = true # ERROR WB703
}

varable "env" { # ERROR WB702
  default = "prod"
}

local { # ERROR WB702
  zone = "UTC"
}

locals {
  most = 7
}

secrt "hook" { # ERROR WB702
  env = "HOOK"
}

alert "slak" "ops" { # ERROR WB717
  webhook = secret.hook
  on      = ["failed"]
}

courier "feed" {
  for_eech = { a = "x", b = "y" } # ERROR WB703

  filedrop { url = "inbox/${each.key}" }

  file "orders" {
    patern = "orders-{yyyy}{MM}{dd}.csv" # ERROR WB703
  }

  file "rows" {
    pattern = "${each.value}-{yyyy}{MM}{dd}.csv"
    days    = ["munday"] # ERROR WB717
  }
}

courier "counted" {
  count = 2 # ERROR WB729
  filedrop { url = "inbox/${var.env}" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}-${each.key}.csv" }
}

courrier "single" { # ERROR WB702
  filedrop { url = "inbox" }
  file "orders" { pattern = "${var.token}-{yyyy}{MM}{dd}.csv" }
}

courier "oders" {
  filedrop { url = "inbox" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "shops" {
  filedrop { url = "inbox" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

processs "load" { # ERROR WB702
  for_each = toset(["a", "b"])
  exec { command = ["load"] }
}

courier_group "brand" {
  for_eech = toset(["a", "b"]) # ERROR WB703
  schedule = "0 6 * * *"
  timezone = local.zone
  couriers = [courier.feed[each.key], courier.orders] # ERROR WB710
}

courier_group "daily" {
  schedule      = "0 6 * * *"
  timezone      = local.zone
  max_range     = "${var.rows}d"
  couriers      = concat(values(courier.feed), [courier.feed["c"], courier.counted[0], courier.single])
  processes     = [process.load["a"]]
  alerts        = [alert.slack.ops, alert.slak.ops]
  courrier "shops" { # ERROR WB702
  }

  after "brand" {
    group = courier_group.brand
  }
}

courier_group "weekly" {
  schedule = "0 6 * * 1"
  timezone = "UTC"
  couriers = [courier.orders]

  courier "feed" {
  }
}

courier_group "monthly" {
  schedule = "0 6 1 * *"
  timezone = "UTC"
  couriers = [courier.orders, courier.single]
  alerts   = [alert.email.ops]
}

courier_group "yearly" {
  schedule = "0 6 1 1 *"
  timezone = "UTC"

  courier "orders" {
  }
}

courier_group "hourly" {
  schedule = "0 * * * *"
  timezone = "UTC"

  couriers = [
    courier.orders,
    courier.orders,
  ]
}

moved {
  from = courier_group.brands["a"]
  to   = courier_group.brand["a"]
}

moved {
  from = courier_group.brand["b"].courier.x
  to   = courier_group.brand["b"].courier.y
}

moved {
  from = courier.one
  to   = courier.single
}
