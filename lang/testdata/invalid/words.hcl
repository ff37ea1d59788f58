courier "orders" {
  filedrop { url = "drop" }
  file "orders" {
    pattern = "orders-{yyyy}{MM}{dd}.csv"
    days    = ["mon", "monday"] # ERROR WB717
    require = "all" # ERROR WB717
  }
}

alert "slack" "data_ops" {
  webhook = "https://hooks.example.com"
  on      = ["failed", "succeded"] # ERROR WB717
}

courier_group "daily" {
  schedule = "0 13 * * *"
  run_type = "Full" # ERROR WB717
  overlap  = "buffer" # ERROR WB717
  couriers = [courier.orders]
  alerts   = [alert.slack.data_ops]
  dst {
    gap  = "next" # ERROR WB717
    fold = "last" # ERROR WB717
  }
}

alert "email" "owners" { # WARNING WB814
  smtp = "mail.example.com:587" # ERROR WB720
  from = "waybill@example.com"
  to   = ["ann@example.com"]
  on   = ["failed"]
}
