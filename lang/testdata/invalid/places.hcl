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

courier "misspelt" {
  filedrop {
    url        = "s3://box/out"
    acess_key  = secret.line # ERROR WB703
    secret_key = secret.line
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

courier "nobody" {
  filedrop { url = "sftp://files.example.com/out" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "foreign" {
  filedrop { url = "abfss://box@acme.dfs.core.windows.net/out" } # ERROR WB720
  file "orders" {
    pattern    = "orders-{yyyy}{MM}{dd}.csv.gz"
    decompress = true # ERROR WB716
  }
}

secret "half" {
  env = "HALF"
}

secret "line" {
  exec { command = "vault kv get -field=key secret/box" } # ERROR WB716
}

secret "shell" {
  exec { command = "pass box | head -n 1" } # ERROR WB716
}

courier_group "daily" {
  couriers = [courier.parameter, courier.password, courier.useless, courier.half, courier.misspelt, courier.keyed, courier.hidden, courier.nobody, courier.foreign]
  processes = [process.uses]
  schedule = "0 13 * * *"
  timezone = "UTC"
}

process "uses" {
  exec {
    command     = ["true"]
    environment = { A = secret.line, B = secret.shell }
  }
}
