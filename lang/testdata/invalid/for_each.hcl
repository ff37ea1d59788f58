variable "zones" { default = ["UTC", "Europe/London"] }

variable "token" {
  default   = "x"
  sensitive = true
}

courier "feed" {
  for_each = toset(["acme", "globex", "initech"])
  filedrop { url = "drop/${each.key}" }
  file "orders" { pattern = "{yyyy}{MM}{dd}.csv" }
}

courier "listed" {
  for_each = ["us", "eu"] # ERROR WB750
  filedrop { url = "drop/${each.key}" }
  file "orders" { pattern = "{yyyy}{MM}{dd}.csv" }
}

courier "listed_variable" {
  for_each = var.zones # ERROR WB750
  exec { command = ["pull"] }
}

courier "text" {
  for_each = "us" # ERROR WB750
  exec { command = ["pull"] }
}

courier "numbers" {
  for_each = toset([1, 2]) # ERROR WB750
  exec { command = ["pull"] }
}

courier "nothing" {
  for_each = null # ERROR WB750
  exec { command = ["pull"] }
}

courier "empty_key" {
  for_each = toset(["", "a"]) # ERROR WB750
  exec { command = ["pull"] }
}

courier "secret" {
  for_each = toset([var.token]) # ERROR WB728
  exec { command = ["pull"] }
}

courier "runtime" {
  for_each = toset([run.id]) # ERROR WB723
  exec { command = ["pull"] }
}

courier "many" {
  for_each = { for p in combine([1], [2]) : "${p[0]}-${p[1]}" => 1 } # ERROR WB714
  exec { command = ["pull"] }
}

courier "duplicate" {
  for_each = { for k in ["a", "a"] : k => 1 } # ERROR WB715
  exec { command = ["pull"] }
}

process "loop_a" {
  for_each = process.loop_b # ERROR WB713
  exec { command = ["loop"] }
}

process "loop_b" {
  for_each = process.loop_a
  exec { command = ["loop"] }
}

process "typo" {
  for_each = toset(["a", "b"])
  exec { command = ["loop", each.kye, each.value.zone] } # ERROR WB710 ERROR WB715
}

process "outside" {
  exec { command = ["loop", each.key] } # ERROR WB710
}

secret "many" { # WARNING WB733
  for_each = toset(["a", "b"]) # ERROR WB729
  env      = "A"
}

process "brand" { # WARNING WB814
  for_each   = toset(["acme", "globex", "initech"])
  on_unknown = "rety" # ERROR WB717
  exec { command = ["loop", each.key] }
}

courier_group "daily" {
  for_each = toset(["acme", "globex"])
  schedule = "0 13 * * *"
  timezone = "Mars/${each.key}" # ERROR WB501
  couriers = [
    courier.feed,            # ERROR WB751
    courier.feed["acm"],     # ERROR WB710
    courier.feed.acme,       # ERROR WB710
    courier.feed["${each.key}e"], # ERROR WB710
    courier.feed["initech"].url, # ERROR WB710
    courier.single["acme"],  # ERROR WB710
    courier.listed["us"],
  ]
  processes = [process.typo["a"], process.typo["b"], process.outside]

  courier "feed" { # ERROR WB751
  }
}

courier "single" {
  exec { command = ["pull"] }
}

courier_group "lists" {
  schedule = "0 13 * * *"
  couriers = courier.feed # ERROR WB751
  for_each = toset(["x"])

  after "daily" {
    group = courier_group.dail["acme"] # ERROR WB710
  }
}

courier "dynamics" {
  filedrop { url = "drop" }

  dynamic "file" {
    for_each = ["orders", "returns"]
    labels   = [file.value]
    content {
      pattern = "${fil.value}-{yyyy}{MM}{dd}.csv" # ERROR WB710
    }
  }

  dynamic "file" { # ERROR WB706
    for_each = ["more"]
    content { pattern = "{yyyy}{MM}{dd}.csv" }
  }

  dynamic "fiel" { # ERROR WB702
    for_each = ["more"]
    content { pattern = "{yyyy}{MM}{dd}.csv" }
  }

  dynamic "file" { # ERROR WB702
    for_each = ["more"]
    labels   = [file.value]
  }

  dynamic "file" {
    for_each = null # ERROR WB750
    labels   = [file.value]
    content { pattern = "{yyyy}{MM}{dd}.csv" }
  }
}

courier_group "dynamics" {
  dynamic "courier" { # ERROR WB750
    for_each = courier.feed
    labels   = [courier.key]
    content {
      use = courier.value
    }
  }

  dynamic "courier" {
    for_each = courier.feed
    iterator = run # ERROR WB750
    labels   = [run.key]
    content {
      use = run.value
    }
  }
  couriers = [courier.dynamics]
}

dynamic "courier" { # ERROR WB729
}
