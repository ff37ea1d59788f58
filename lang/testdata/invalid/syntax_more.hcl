courier "unclosed" { # ERROR WB701
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }

courier "list" {
  exec {
    command = ["fetch", "a" "b"] # ERROR WB701
  }
}

courier "paren" {
  timeout = max(1, 2
  exec { command = ["fetch"] } # ERROR WB701
}

process "colon" {
  timeout: "1h" # ERROR WB701
  exec { command = ["stitch"] }
}

process "template" {
  exec { command = ["a ${run.id", "b"] } # ERROR WB701
}

process "unquoted" {
  exec { command = [./stitch.sh] } # ERROR WB701
}

alert slack data_ops {
  webhook = "https://hooks.example.com"
  on      = [failed] # ERROR WB710
}

courier_group "daily" {
  schedule = 0 13 * * * # ERROR WB701
  couriers = [courier.list, courier.gone]
}

courier_group "last" {
  couriers = [courier.list, courier.gone]
}
} # ERROR WB701
