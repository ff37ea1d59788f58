courier "orders" {
  filedrop {
    url           = "drop"
    max_bandwidth = "0MB" # ERROR WB734
  }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
  ready {
    min_size = "1.5MB" # ERROR WB734
    manifest = "{file}.{yyyy}" # ERROR WB421
  }
}

courier "prices" {
  filedrop {
    url           = "drop"
    max_bandwidth = "20MB/s" # ERROR WB734
  }
  file "prices" { pattern = "prices-{yyyy}{MM}{dd}.csv" }
  ready {
    min_size = "1 KB" # ERROR WB734
    manifest = "/SHA256SUMS" # ERROR WB423
  }
}

courier "stock" {
  filedrop { url = "drop" }
  file "stock" { pattern = "stock-{yyyy}{MM}{dd}.csv" }
  ready {
    min_size = 1000 # ERROR WB716
    manifest = true # ERROR WB716
  }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders, courier.prices, courier.stock]
}
