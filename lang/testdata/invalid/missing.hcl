courier "orders" {
  filedrop {} # ERROR WB706
  file "orders" {} # ERROR WB706
}

process "stitch" {
  exec {} # ERROR WB706
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers  = [courier.orders]
  processes = [process.stitch]

  after "lake" {} # ERROR WB706
  sla {} # ERROR WB706 WARNING WB813
}

courier "nulled" {
  rest_api { url = null } # ERROR WB706
}

courier_group "other" {
  couriers = [courier.nulled]
}
