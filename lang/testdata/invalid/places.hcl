courier "parameter" {
  filedrop { url = "s3://acme/out?regoin=eu-central-1" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "password" {
  filedrop { url = "sftp://ann:hidden@files.example.com/out" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "useless" {
  filedrop {
    url      = "s3://acme/out"
    password = secret.half # ERROR WB720
  }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "half" {
  filedrop {
    url        = "azblob://box/out?account=acme"
    access_key = "acme" # ERROR WB720
  }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "keyed" {
  filedrop {
    url  = "drop"
    role = "arn:aws:iam::123456789012:role/waybill" # ERROR WB720
  }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "hidden" {
  filedrop { url = "s4://acme/${secret.half}" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

secret "half" {
  env = "HALF"
}

courier_group "daily" {
  couriers = [courier.parameter, courier.password, courier.useless, courier.half, courier.keyed, courier.hidden]
  schedule = "0 13 * * *"
  timezone = "UTC"
}
