"""The centre's fixed lists: business modules (业务模块), tiers (漏斗), products and regions."""
