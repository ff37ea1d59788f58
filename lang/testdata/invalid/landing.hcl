waybill {
  landing = "drop/landing" # ERROR WB822
}

courier "orders" {
  landing = ".waybill/landing" # ERROR WB822
  filedrop { url = "./drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "bucket" {
  landing = "s3://acme/drop/landing?region=eu-central-1" # ERROR WB822
  exec { command = ["fetch"] }
}

courier "host" {
  landing = "file://host/landing" # ERROR WB720
  exec { command = ["fetch"] }
}

courier "elsewhere" {
  landing = "s3://acme/droplet"
  exec { command = ["fetch"] }
}

courier "s3" {
  filedrop {
    url = "s3://acme/drop?region=us-east-1"
  }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "unknown" {
  landing = "ftp://acme/landing" # ERROR WB720
  exec { command = ["fetch"] }
}

courier "option" {
  landing = "s3://acme/landing?secret_key=x" # ERROR WB720
  exec { command = ["fetch"] }
}

courier "credentials" {
  landing = "s3://AKIA:hidden@acme/landing" # ERROR WB720
  exec { command = ["fetch"] }
}

courier "password" {
  landing = "sftp://feeds:hidden@sftp.example.com/landing" # ERROR WB720
  exec { command = ["fetch"] }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [
    courier.orders, courier.bucket, courier.host, courier.elsewhere, courier.s3, courier.unknown, courier.option, courier.credentials, courier.password,
  ]
}
