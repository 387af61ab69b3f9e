#include "user_command.hpp"

#include "access/scram_verifier.hpp"
#include "access/text_file.hpp"
#include "access/user_edit.hpp"
#include "access/user_table.hpp"

#include <filesystem>
#include <system_error>

namespace holdfast {

namespace {

using access::FileError;
using access::Loaded;
using access::UserChange;

constexpr std::string_view first_lines =
    "# Users of Holdfast: a name and the hash of its password in each line. `holdfast user` writes "
    "it.\n";

constexpr std::string_view unfit_for_scram =
    "The password has control characters or is not UTF-8: it can be used as a password, not with "
    "SCRAM.\n";

Loaded<std::string> list_users(const std::string& file) {
    const auto text = access::read_text_file(file);
    if (!text) return text.error();
    access::UserTable table;
    const auto added = table.add(*text, file);
    if (added.has_error()) return added.error();
    std::string list;
    table.for_each([&](const std::string& name, const access::User&) { list += name + "\n"; });
    return list;
}

Loaded<std::string> text_before(const UserCommand& command) {
    std::error_code ignored;
    const bool is_new = command.action == UserCommand::Action::add &&
                        !std::filesystem::exists(command.file, ignored);
    if (is_new) return std::string{first_lines};
    return access::read_text_file(command.file);
}

UserChange change_of(UserCommand::Action action) {
    if (action == UserCommand::Action::add) return UserChange::add;
    return action == UserCommand::Action::passwd ? UserChange::passwd : UserChange::remove;
}

Loaded<std::string> ask_password(const UserCommand& command, const AskPassword& ask) {
    const std::optional<std::string> password = ask();
    if (!password || password->empty() || password->size() > password_bytes_max) {
        return FileError{command.file, 0,
                         "the password is not there, empty, or longer than 1024 bytes",
                         "nothing was changed"};
    }
    return *password;
}

}  // namespace

Loaded<std::string> run_user_command(const UserCommand& command, const AskPassword& ask,
                                     Random& random, PasswordCost cost) {
    if (command.action == UserCommand::Action::list) return list_users(command.file);
    const auto before = text_before(command);
    if (!before) return before.error();
    const UserChange change = change_of(command.action);
    // A change that cannot be made is told before anybody types a password.
    auto after = access::change_user(*before, command.file, change, command.name, "");
    if (!after) return after.error();
    std::string remark;
    if (change != UserChange::remove) {
        const auto password = ask_password(command, ask);
        if (!password) return password.error();
        std::string proofs = hash_password(*password, random, cost);
        if (command.scram_iterations && access::is_fit_for_scram(*password)) {
            const auto verifier =
                access::new_scram_verifier(*password, random, *command.scram_iterations);
            proofs += " " + verifier.text();
        } else if (command.scram_iterations) {
            remark = std::string{unfit_for_scram};
        }
        after = access::change_user(*before, command.file, change, command.name, proofs);
    }
    const auto written = access::replace_text_file(command.file, *after);
    if (written.has_error()) return written.error();
    return remark;
}

}  // namespace holdfast
