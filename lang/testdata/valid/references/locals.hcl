locals {
  prefix    = lower(local.name)
  name      = "ORDERS"
  processes = [process.report, process.stitch]
}

locals {
  base  = join("/", ["drop", var.env])
  hours = length(var.labels)
}

variable "env" {
  type    = string
  default = "dev"
}

variable "labels" {
  type    = map(string)
  default = { team = "data", tier = "one" }
}
