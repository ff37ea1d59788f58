courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

locals {
  up    = uper("daily") # ERROR WB714
  now   = timestamp() # ERROR WB714
  text  = file("orders.txt") # ERROR WB715
  odd   = frobnicate(1) # ERROR WB714
  bad   = "x${["a", "b"]}" # ERROR WB715
  none  = { a = 1 }.b # ERROR WB715
  index = ["a"][3] # ERROR WB715
  sum   = 1 + "x" # ERROR WB715
  split = split(",") # ERROR WB715
  num   = parseint("12x", 10) # ERROR WB715
  json  = jsondecode("{") # ERROR WB715
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = "${local.up}${local.now}${local.text}${local.odd}${local.bad}${local.none}${local.index}${local.sum}${join("", local.split)}${local.num}${local.json}"
  couriers    = [courier.orders]
}
