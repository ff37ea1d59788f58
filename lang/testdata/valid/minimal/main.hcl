courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
}
