courier "orders" {
  filedrop { url = ["drop"] } # ERROR WB716
  file "orders" {
    pattern  = { day = 1 } # ERROR WB716
    days     = "mon" # ERROR WB716
    optional = "often" # ERROR WB716
    except   = ["25.12.2026"] # ERROR WB720
  }
  max_concurrent = "many" # ERROR WB716
  poll_every     = 30 # ERROR WB716
}

courier "crm" {
  rest_api {
    url           = "crm.example.com/export" # ERROR WB720
    headers       = "Accept: text/csv" # ERROR WB716
    json          = jsonencode({ a = 1 }) # ERROR WB716
    body          = courier.orders # ERROR WB716
    expect_status = [20] # ERROR WB720
  }
}

courier_group "daily" {
  schedule   = "0 13 * * *"
  couriers   = [courier.orders, courier.crm]
  start_from = "yesterday" # ERROR WB720
  alerts     = [null, 5] # ERROR WB716
}
