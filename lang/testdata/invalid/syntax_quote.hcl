courier "one" {
  filedrop { url = "inbox" }
  file "a" { pattern = "a.csv } # ERROR WB701
}
