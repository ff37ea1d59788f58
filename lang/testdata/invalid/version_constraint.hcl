waybill {
  required_version = "latest" # ERROR WB720
}
