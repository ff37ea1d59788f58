courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

alert "slack" "data_ops" {
  webhook = "https://hooks.example.com"
  on      = ["failed"]
  quiet {
    from     = "20:00"
    until    = "20:00" # ERROR WB829
    timezone = "London" # ERROR WB501
  }
}

alert "slack" "night" {
  webhook = "https://hooks.example.com"
  on      = [] # ERROR WB720
  quiet {
    from  = "8pm" # ERROR WB720
    until = "7:00" # ERROR WB720
  }
}

courier_group "daily" {
  schedule   = "0 13 * * *"
  timezone   = "EST" # ERROR WB502
  file_dates = "shedule" # ERROR WB501
  couriers   = [courier.orders]
  alerts     = [alert.slack.data_ops, alert.slack.night]
}

process "stitch" {
  exec { command = ["stitch"] }
}

courier_group "pst" {
  schedule  = "0 13 * * *"
  timezone  = "PST" # ERROR WB502
  processes = [process.stitch]
}

courier_group "label" {
  schedule  = "0 13 * * *"
  timezone  = "GMT-08:00" # ERROR WB501
  processes = [process.stitch]
}

courier_group "case" {
  schedule  = "0 13 * * *"
  timezone  = "america/los_angeles" # ERROR WB506
  processes = [process.stitch]
}

courier_group "sign" {
  schedule  = "0 13 * * *"
  timezone  = "Etc/GMT+8" # WARNING WB503
  processes = [process.stitch]
}

courier_group "alias" {
  schedule  = "0 13 * * *"
  timezone  = "US/Pacific" # INFO WB504
  processes = [process.stitch]
}
