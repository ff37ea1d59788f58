# --var env=live
# --var token=hunter2
# --var none=null
# --var big=1e99999999
variable "big" { # ERROR WB722
  type = number
}

variable "env" { # ERROR WB741 ERROR WB741
  type = string
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "env is dev or prod, not ${var.env}."
  }
  validation {
    condition     = length(var.env) < 4
    error_message = "env is short."
  }
  validation {
    condition     = true
    error_message = "Never said."
  }
}

variable "token" { # ERROR WB741
  type      = string
  sensitive = true
  validation {
    condition     = startswith(var.token, "t-")
    error_message = "A token begins with t-."
  }
  validation {
    condition     = length(var.token) > 3
    error_message = "Not ${var.token}." # ERROR WB722
  }
}

variable "key" { # ERROR WB741
  default   = "hunter3"
  sensitive = true
  validation {
    condition     = length(var.key) > 20
    error_message = "A key is long."
  }
}

variable "workers" {
  type    = number
  default = 40 # ERROR WB741
  validation {
    condition     = var.workers <= 10
    error_message = "At most ten."
  }
  validation {
    condition     = var.workers < local.most # ERROR WB722
    error_message = "At most ${local.most}." # ERROR WB722
  }
  validation {
    condition     = "often" # ERROR WB716
    error_message = ["a"] # ERROR WB716
  }
  validation { # ERROR WB706 ERROR WB706
    message = "x" # ERROR WB703
  }
  validation {
    condition     = lenght(var.workers) # ERROR WB714
    error_message = "x"
  }
}

variable "none" { # ERROR WB722
  type     = list(string)
  nullable = false
}

variable "never" {
  default  = null # ERROR WB722
  nullable = false
}

variable "odd" {
  type = object({
    name = optional(strng, "x") # ERROR WB722
    size = optional(number, "big") # ERROR WB722
  })
  default = {}
}

variable "sizes" {
  type    = map(object({ rows = list(number) }))
  default = { a = { rows = [1] }, b = { rows = [1, "many"] } } # ERROR WB722
}

variable "alone" { # WARNING WB733
  default = "x"
  validation {
    condition     = var.alone == "x"
    error_message = "x."
  }
}

variable "shop" {
  type = list(object({
    name = optional(string, "x")
    tags = optional(map(object({ size = number })), {})
    pair = optional(tuple([object({ a = string }), string]))
  }))
  default = [{ nmae = "a" }, { tags = { a = { size = 1, length = 2 } } }, { pair = [{ a = "x", b = "y" }, "z"] }] # WARNING WB740 WARNING WB740 WARNING WB740
}

variable "parts" { # ERROR WB722
  type      = map(number)
  sensitive = true
  default   = { hunter2 = "x" }
}

variable "day" {
  sensitive = true
  default   = "hunter2"
  validation {
    condition     = timeadd(var.day, "1h") != "" # ERROR WB715
    error_message = "x"
  }
}

variable "huge" {
  type    = string
  default = 1e99999999 # ERROR WB761
}

locals {
  most = 3
  next = parseint(var.day, 10) # ERROR WB715
}

courier "crm" {
  filedrop { url = "inbox/${var.env}/${var.huge}/${var.big}/${var.shop[0].name}/${local.next}${var.parts.x}/${var.token}/${var.key}/${var.never}/${var.odd.name}" } # ERROR WB728
  file "x" { pattern = "x-{yyyy}-{MM}-{dd}.csv" }
  max_concurrent = var.workers
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = "${join(",", var.none)} ${var.sizes.a.rows[0]}"
  couriers    = [courier.crm]
  validation {} # ERROR WB702
}
