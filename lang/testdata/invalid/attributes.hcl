courier "orders" {
  url = "drop" # ERROR WB703
  filedrop {
    url  = "drop"
    user = "feeds" # ERROR WB703
  }
  file "orders" {
    patern = "orders-{yyyy}{MM}{dd}.csv" # ERROR WB703
    pattern = "orders-{yyyy}{MM}{dd}.csv"
  }
}

alert "slack" "data_ops" { # ERROR WB706
  smtp = "smtp://mail.example.com" # ERROR WB703
  on   = ["failed"]
}

courier_group "daily" {
  cron      = "0 13 * * *" # ERROR WB703
  time_zone = "Europe/London" # ERROR WB703
  frobnicate = true # ERROR WB703
  couriers  = [courier.orders]
  alerts    = [alert.slack.data_ops]
}
