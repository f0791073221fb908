"""What the tests of planning share."""

IDEA = "---\ntitle: 工厂保养成本怎样算清楚\ncontentops: {id: asset-1, state: idea}\n---\n"
STANDARD = """
kind = "qa"
version = 2
block = "help_centre"
name = { en = "Question", zh-CN = "问答" }
[duties]
owner = "support"
[[steps]]
key = "draft"
name = { en = "Draft", zh-CN = "撰写初稿" }
role = "support"
offset_days = -3
effort_hours = 2.5
[[steps]]
key = "publish"
name = { en = "Publish", zh-CN = "发布" }
role = "ops"
offset_days = 0
"""
