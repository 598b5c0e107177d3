extension SettingGroup {
    /// The keys of the settings that somebody set, were it to their defaults: in a file, by an assignment, or in Swift.
    ///
    /// What is not among them may be chosen by what is known of the rest.
    package var givenKeys: Set<String> {
        members.reduce(into: []) { keys, member in
            switch member.member {
            case .setting(let setting): if setting.isGiven { keys.insert(member.name) }
            case .slot(let slot): keys.formUnion(slot.kind.givenKeys.map { "\(member.name).\($0)" })
            case .group(let group): keys.formUnion(group.givenKeys.map { "\(member.name).\($0)" })
            }
        }
    }
}
