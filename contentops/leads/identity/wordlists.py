"""The words that rules about people and companies go by. Data, to be added to."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text; a hyphen stands for a blank inside one."""
    return frozenset(word.replace("-", " ") for word in text.split())


FREE_MAIL = words(
    """
    qq.com foxmail.com 163.com 126.com 188.com yeah.net netease.com sina.com sina.cn sina.com.cn sohu.com sogou.com
    139.com 189.cn 21cn.com wo.cn wo.com.cn 263.net tom.com aliyun.com 2980.com chinaren.com eyou.com tianya.cn
    gmail.com googlemail.com icloud.com me.com mac.com proton.me protonmail.com pm.me aol.com zoho.com fastmail.com
    mail.com email.com gmx.com gmx.de gmx.net gmx.at gmx.ch web.de freenet.de posteo.de mailbox.org hey.com duck.com
    yandex.ru yandex.com mail.ru bk.ru list.ru inbox.ru rambler.ru ymail.com rocketmail.com tutanota.com tuta.com
    naver.com daum.net hanmail.net orange.fr wanadoo.fr free.fr laposte.net libero.it
    hinet.net pchome.com.tw netvigator.com
    """
)
"""Providers whose mailboxes anybody can have; by registrable domain."""

FREE_EVERYWHERE = words("yahoo hotmail outlook live msn gmail")
"""Providers with a domain in many countries: yahoo.co.jp, outlook.fr, live.cn."""

SECOND_LEVEL = words("com co net org gov edu ac or ne go gob gouv mil gen plc ltd")
"""Below a country's two letters these are no company's name: example.com.cn and example.co.uk are whole domains."""

PROVINCES = words(
    "bj sh tj cq he sx nm ln jl hl js zj ah fj jx sd ha hb hn gd gx hi sc gz yn xz sn gs qh nx xj tw hk mo"
)
"""The same below .cn."""

NO_COMPANY = words(
    """
    无 没有 暂无 个人 私人 自己 本人 公司 我公司 保密 待业 无业 学生 自由职业 自由职业者 个体 个体户 测试 其他
    na none no null nil test company self selfemployed freelance freelancer private personal student individual
    """
)
"""What people write where they have no company: it must not join those who do."""

LEGAL_ENDINGS = words(
    """
    co company corp corporation inc incorporated ltd limited llc llp lp plc gmbh mbh ag kg ug se sa sas sarl srl spa
    bv nv pte pty oy oyj ab as aps kk sdn bhd group holding holdings
    """
)

# Who assists the director is not the director.
ASSISTANTS = words("助理 秘书 文员 前台 实习 实习生 行政专员 assistant secretary intern trainee receptionist clerk")
DECIDING = words(
    """
    董事长 董事 总裁 总经理 执行董事 首席执行官 创始人 联合创始人 合伙人 老板 法人 企业主 负责人
    厂长 校长 院长 行长 矿长 局长
    ceo president chairman chairwoman chairperson founder co-founder cofounder owner partner managing-director
    general-manager gm plant-manager executive-director chief-executive-officer chief-executive
    """
)
INFLUENCING = words(
    """
    首席 首席技术官 首席财务官 首席产品官 首席信息官 首席运营官 首席安全官 副总裁 副总经理 副总 副董事长 总监 副总监
    总工 总工程师 副厂长 副院长 副校长 经理 副经理 部长 副部长 处长 科长 主任 副主任 架构师 顾问 专家
    技术负责人 部门负责人 项目负责人 设备负责人 信息负责人 会计 财务
    cto cfo cpo cio coo ciso cmo cso vp svp evp vice-president director manager head lead architect controller
    consultant advisor expert principal product-owner chief-technology-officer chief-financial-officer
    chief-product-officer chief-information-officer chief-operating-officer
    """
)
PASSING_ON = words(
    """
    采购 采购员 行政 专员 市场 商务 媒介 研究员 分析师 编辑 记者 学生 招标
    procurement purchasing buyer sourcing coordinator specialist marketing analyst researcher student admin
    administrator journalist editor
    """
)
USING = words(
    """
    工程师 技术员 技师 技工 操作 操作员 操作工 运维 维修 维护 维保 点检 点检员 巡检 巡检员 班长 班组长 组长 领班 值班
    主管 设备 设备员 设备管理 安全员 质检 质检员 电工 钳工 工人 员工 程序员 开发 测试 教师 老师 护士 医生 客服 实施
    系统管理员
    engineer technician operator developer programmer mechanic electrician maintenance inspector supervisor foreman
    user planner teacher nurse doctor support system-administrator sysadmin worker staff
    """
)
