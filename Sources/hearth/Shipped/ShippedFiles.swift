/// The files of `Config/` that every company begins with, built into the program: the links beside this file lead to them.
enum ShippedFiles {
    static let all: [(name: String, bytes: [UInt8])] = [
        ("Config/reconciliation.yaml", PackageResources.reconciliation_yaml),
        ("Config/tariffs/README.md", PackageResources.README_md),
        ("Config/tariffs/beijing.yaml", PackageResources.beijing_yaml),
        ("Config/tariffs/harbin.yaml", PackageResources.harbin_yaml),
        ("Config/tariffs/jinan.yaml", PackageResources.jinan_yaml),
        ("Config/tariffs/shenyang.yaml", PackageResources.shenyang_yaml),
        ("Config/tariffs/tianjin.yaml", PackageResources.tianjin_yaml),
        ("Config/answers/en.yaml", PackageResources.en_yaml),
        ("Config/answers/zh.yaml", PackageResources.zh_yaml),
        ("Config/answers/zh-plain.yaml", PackageResources.zh_plain_yaml),
    ]
}
