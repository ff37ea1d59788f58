secret "token" { env = "A" } # WARNING WB733
secret "token" { env = "B" } # ERROR WB705

locals {
  hours = 1
}

locals {
  hours = 2 # ERROR WB705
}

courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
  file "orders" { pattern = "again-{yyyy}{MM}{dd}.csv" } # ERROR WB705
  ready { stable_for = "30s" }
  ready { done_marker = "{file}.done" } # ERROR WB707
}

courier "orders" { # ERROR WB705
  exec { command = ["fetch"] }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  courier "orders" {
    wait { hours = local.hours }
  }
}
