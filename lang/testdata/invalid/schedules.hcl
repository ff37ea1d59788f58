courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier_group "impossible" {
  schedule = "0 0 30 2 *" # ERROR WB201
  couriers = [courier.orders]
}

courier_group "six" {
  schedule = "0 0 13 * * *" # ERROR WB105
  processes = [process.stitch]
}

courier_group "letters" {
  schedule  = "*,abc * * * *" # ERROR WB101
  processes = [process.stitch]
}

courier_group "range" {
  schedule  = "99/5 * * * *" # ERROR WB102
  processes = [process.stitch]
}

courier_group "either" {
  schedule  = "0 0 1-7 * MON" # WARNING WB204
  processes = [process.stitch]
}

courier_group "accepted" {
  schedule  = "0 0 1-7 * MON"
  processes = [process.stitch]
  accept    = ["WB204"]
}

process "stitch" {
  exec { command = ["stitch"] }
}
