secret "token" { env = "TOKEN" }

courier "none" { # ERROR WB802
}

courier "two" {
  filedrop { url = "drop" }
  exec { command = ["fetch"] } # ERROR WB803
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "fileless" { # ERROR WB804
  filedrop { url = "drop" }
}

courier "rest" {
  rest_api { url = "https://crm.example.com" } # WARNING WB851
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" } # WARNING WB805
  ready { stable_for = "30s" } # WARNING WB805
}

courier "optional" { # INFO WB817
  filedrop { url = "drop" }
  file "orders" {
    pattern  = "orders-{yyyy}{MM}{dd}.csv"
    optional = true
  }
}

courier "ftp" {
  filedrop { url = "ftp://ftp.example.com/out" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "host" {
  filedrop { url = "file://host/x" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "slash" {
  filedrop { url = "s3:/acme/out" } # ERROR WB720
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "bucket" {
  filedrop { url = "s3://acme/out" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "script" {
  exec { command = ["./fetch.sh"] } # WARNING WB828
}

courier "empty" {
  exec { command = [] } # ERROR WB720
}

process "idle" { # ERROR WB826
}

process "both" {
  exec { command = ["stitch"] }
  http { url = "https://example.com" } # ERROR WB827
}

process "query" {
  sql {
    dsn        = "postgres://db/main"
    statements = ["vacuum"]
  }
}

process "request" {
  http {
    url          = "https://example.com"
    body         = "a"
    json         = { a = 1 } # ERROR WB720
    bearer_token = secret.token
    basic_auth { # ERROR WB720
      username = "u"
      password = "p"
    }
  }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [
    courier.none, courier.two, courier.fileless, courier.rest, courier.optional, courier.ftp, courier.host, courier.slash,
    courier.bucket, courier.script, courier.empty,
  ]
  processes = [process.idle, process.both, process.query, process.request]
}
