courier "orders" {
  filedrop { url = "drop/orders" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "feed" {
  for_each = toset(["acme", "globex"])
  filedrop { url = "drop/${each.key}" }
  file "feed" { pattern = "feed-{yyyy}{MM}{dd}.csv" }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = concat([courier.orders], values(courier.feed))
}

moved {
  from = courier_group.nightly
  to   = courier_group.daily
}

moved { # a chain is fine
  from = courier_group.oldest
  to   = courier_group.nightly
}

moved { # all instances
  from = courier.partner
  to   = courier.feed
}

moved { # one instance
  from = courier.single
  to   = courier.feed["acme"]
}

moved { # a courier of a group
  from = courier_group.nightly.courier.sales
  to   = courier_group.daily.courier.orders
}

moved {
  from = "courier_group.weekly" # ERROR WB770
  to   = courier_group.daily
}

moved {
  from = secret.token # ERROR WB770
  to   = secret.key   # ERROR WB770
}

moved {
  from = alert.ops # ERROR WB770
  to   = courier_group.daily.schedule # ERROR WB770
}

moved {
  from = courier.weekly
  to   = courier_group.daily # ERROR WB770
}

moved {
  from = courier.orders # ERROR WB771
  to   = courier.feed["globex"]
}

moved {
  from = process.stitch
  to   = process.merge # ERROR WB772
}

moved {
  from = courier_group.weekly.courier.orders
  to   = courier_group.daily.courier.order # ERROR WB772
}

moved {
  from = courier_group.monthly
  to   = courier_group.daily # ERROR WB773
}

moved {
  from = courier_group.nightly # ERROR WB773
  to   = courier_group.dayly
}

moved { # ERROR WB706
  from = courier_group.yearly
}
