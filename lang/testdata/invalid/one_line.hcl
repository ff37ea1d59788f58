secret "token" { env = "TOKEN" file = "/run/secrets/token" } # ERROR WB709

process "stitch" {
  retry { attempts = 3, backoff = "1m" } # ERROR WB709
  exec { command = ["stitch"] }
}

courier "orders" { filedrop { url = "drop" } } # ERROR WB709
