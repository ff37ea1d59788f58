waybill {
  landing = "drop/landing" # ERROR WB822
}

courier "orders" {
  landing = ".waybill/landing" # ERROR WB822
  filedrop { url = "./drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "bucket" {
  landing = "s3://acme/landing" # WARNING WB830
  exec { command = ["fetch"] }
}

courier "host" {
  landing = "file://host/landing" # ERROR WB720
  exec { command = ["fetch"] }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders, courier.bucket, courier.host]
}
