courier "orders" {
  filedrop { url = "drop" }
  file "token" { pattern = "orders-{YYYY}{MM}{dd}.csv" } # ERROR WB421
  file "tokens" { pattern = "{YYYY}-{MM}-{DD}/orders.csv" } # ERROR WB421 ERROR WB421
  file "escape" { pattern = "../orders-{yyyy}{MM}{dd}.csv" } # ERROR WB423
  file "absolute" { pattern = "/drop/orders.csv" } # ERROR WB423
  file "brace" { pattern = "orders-{yyyy.csv" } # ERROR WB425
  file "part" { pattern = "orders-{dd}.csv" } # ERROR WB422
  ready { done_marker = "{file}-{DD}.done" } # ERROR WB421
}

courier "itself" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
  ready {
    done_marker = "{file}" # ERROR WB421
    manifest    = "{file}-*.md5" # ERROR WB421
  }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders, courier.itself]
}
