courier "orders" {
  filedrop { url = "drop" }
  file "orders" {
    pattern = "orders-{yyyy}{MM}{dd}.csv # ERROR WB701
  }
}

courier "crm" {
  filedrop { url = "drop" }
  file "crm" { pattern = "crm.csv" }
  ready { stable_for = 30s } # ERROR WB701
}

courier "legacy" {
  timeout = "1h", # ERROR WB701
  max_concurrent = # ERROR WB701
  exec { command = ["fetch"] }
}

# The errors above do not hide those below.
courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders, courier.crn, courier.legacy] # ERROR WB710
}

courier_group "unclosed" { # ERROR WB701
  schedule = "0 13 * * *"
