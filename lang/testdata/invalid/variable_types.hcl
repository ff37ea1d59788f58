variable "quoted" { # WARNING WB733
  type    = "string" # ERROR WB722
  default = ""
}

variable "bare" { # WARNING WB733
  type    = list # ERROR WB722
  default = []
}

variable "word" { # WARNING WB733
  type    = lst(string) # ERROR WB722
  default = []
}

variable "within" { # WARNING WB733
  type    = string(number) # ERROR WB722
  default = ""
}

variable "object" { # WARNING WB733
  type    = object(string) # ERROR WB722
  default = {}
}

variable "tuple" { # WARNING WB733
  type    = tuple(string) # ERROR WB722
  default = []
}

variable "optional" { # WARNING WB733
  type    = optional(string) # ERROR WB722
  default = ""
}

variable "too_much" { # WARNING WB733
  type    = object({ a = optional(string, "a", "b") }) # ERROR WB722
  default = {}
}

variable "other" { # WARNING WB733
  type    = object({ a = optional(number, "a") }) # ERROR WB722
  default = {}
}

courier "orders" {
  filedrop { url = "in" }
  file "orders" { pattern = "orders.csv" }
}

courier_group "daily" {
  schedule = "0 5 * * *"
  timezone = "UTC"
  couriers = [courier.orders]
}
