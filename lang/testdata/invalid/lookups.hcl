variable "zone" { default = "UTC" }

variable "hidden" {
  sensitive = true
  default   = { token = "t", pass = "p" }
}

locals {
  brands = {
    acme = { zone = "UTC", name = "a" }
    emi  = { zone = "UTC", name = "b" }
  }
  list  = [{ name = "a" }, { name = "b" }]
  shop  = { zone = "UTC", name = "x" }
  none  = null
  codes = tomap({ us = "840" })
}

courier "feed" {
  for_each = local.brands
  filedrop { url = "drop/${each.key}" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "one" {
  filedrop { url = "drop/one" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier_group "splat" { couriers = courier.feed[*] } # ERROR WB751

courier_group "brackets" { couriers = [courier.feed] } # ERROR WB751

courier_group "of_each" { couriers = courier.feed[*].name } # ERROR WB751

courier_group "in_for" { couriers = [for c in courier.feed : c.name] } # ERROR WB710

process "texts" {
  exec {
    command = [
      local.shop.nam, # ERROR WB715
    ]
    environment = {
      KEY = local.shop["zones"] # ERROR WB715
    }
  }
}

courier_group "names" {
  couriers    = [courier.one]
  processes   = [process.texts]
  description = local.brands.acme.zonee # ERROR WB715
}

process "lists" {
  exec {
    environment = {
      SPLAT = join(",", local.list[*].nam)               # ERROR WB715
      OBJ   = join(",", local.brands[*].zone)            # ERROR WB715
      FOR   = join(",", [for o in local.list : o.label]) # ERROR WB715
      WHOLE = local.list.name                            # ERROR WB715
      RANGE = local.list[5].name                         # ERROR WB715
      CALL  = values(local.brands)[0].nme                # ERROR WB715
      NULL  = local.none.name                            # ERROR WB715
      TEXT  = var.zone.name                              # ERROR WB715
      MAP   = local.codes["uk"]                          # ERROR WB715
      SET   = toset(["a"]).a                             # ERROR WB715
    }
    command = ["true"]
  }
}

courier_group "elements" { processes = [process.lists] }

courier_group "each" {
  for_each    = local.brands
  description = each.value.zne # ERROR WB715
  processes   = [process.lists]
}

courier_group "texts" {
  couriers    = compact([courier.one, null]) # ERROR WB715
  description = "x ${courier.one}"           # ERROR WB715
  processes   = [process.lists]
}

courier_group "hidden" {
  description = var.hidden.tokn # ERROR WB715
  processes   = [process.lists]
}

courier_group "number" {
  for_each  = 1 # ERROR WB750
  processes = [process.lists]
}

courier_group "counted" {
  count     = 1 # ERROR WB729
  processes = [process.lists]
}

process "foreign" {
  exec {
    command = ["true"]
    environment = {
      A = self.name           # ERROR WB729
      B = "x-${count.index}"  # ERROR WB729
      C = path.module         # ERROR WB729
      D = terraform.workspace # ERROR WB729
      E = module.feeds.url    # ERROR WB729
      F = data.feeds.url      # ERROR WB729
      G = output.url          # ERROR WB729
      H = resource.a.b        # ERROR WB729
      I = provider.aws        # ERROR WB729
      J = each.key            # ERROR WB710
    }
  }
}

courier_group "foreign" { processes = [process.foreign] }
