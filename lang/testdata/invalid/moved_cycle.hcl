courier "orders" {
  filedrop { url = "drop/orders" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
}

moved {
  from = courier_group.a # ERROR WB774
  to   = courier_group.b
}

moved {
  from = courier_group.b
  to   = courier_group.a
}
