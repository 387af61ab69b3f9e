#include "access/access.hpp"

#include "access/acl_file.hpp"
#include "access/base64.hpp"
#include "access/rules_file.hpp"
#include "access/text_file.hpp"
#include "base/error.hpp"
#include "base/password.hpp"

#include <array>
#include <optional>
#include <utility>

namespace holdfast::access {

Access::Access(AccessFiles files, const Clock& clock, Random& random)
    : files_(std::move(files)),
      demands_{files_.jwt_issuer, files_.jwt_audience},
      clock_(clock),
      random_(random),
      users_(std::make_shared<const UserTable>()),
      book_(std::make_shared<RuleBook>(std::make_shared<const RuleSet>())),
      verified_(random) {
    random.fill(secret_of_nobody_);
}

Loaded<UserTablePtr> Access::read_users() const {
    auto table = std::make_shared<UserTable>();
    for (const std::string& file : {files_.users_file, files_.password_file}) {
        if (file.empty()) continue;
        const auto text = read_text_file(file);
        if (!text) return text.error();
        const auto added = table->add(*text, file);
        if (added.has_error()) return added.error();
    }
    return UserTablePtr{std::move(table)};
}

Loaded<RuleSetPtr> Access::read_rules() const {
    const bool is_own = !files_.rules_file.empty();
    const std::string& file = is_own ? files_.rules_file : files_.acl_file;
    if (file.empty()) return std::make_shared<const RuleSet>();
    const auto text = read_text_file(file);
    if (!text) return text.error();
    auto rules = is_own ? parse_rules_file(*text, file) : parse_acl_file(*text, file);
    if (!rules) return rules.error();
    return std::make_shared<const RuleSet>(*std::move(rules));
}

Loaded<TokenKeysPtr> Access::read_token_keys() const {
    const bool is_set = !files_.jwt_keys_file.empty();
    const std::string& file = is_set ? files_.jwt_keys_file : files_.jwt_key_file;
    if (file.empty()) return TokenKeysPtr{};
    const auto text = read_text_file(file);
    if (!text) return text.error();
    auto keys = is_set ? TokenKeys::of_set(*text, file) : TokenKeys::of_one_key(*text, file);
    if (!keys) return keys.error();
    return std::make_shared<const TokenKeys>(*std::move(keys));
}

Loaded<AccessChanges> Access::load() {
    auto users = read_users();
    if (!users) return users.error();
    auto rules = read_rules();
    if (!rules) return rules.error();
    auto token_keys = read_token_keys();
    if (!token_keys) return token_keys.error();
    AccessChanges changes;
    changes.users = (*users)->size();
    changes.rules = (*rules)->rules.size();
    {
        const std::scoped_lock lock{mutex_};
        changes.gone_users = users_->missing_in(**users);
        users_ = *std::move(users);
        token_keys_ = *std::move(token_keys);
    }
    book_->replace(*std::move(rules));
    return changes;
}

UserTablePtr Access::users() const {
    const std::scoped_lock lock{mutex_};
    return users_;
}

session::RightsPtr Access::rights_of(Who who, TokenRulesPtr token_rules) const {
    session::RightsPtr rights;
    if (has_rules()) rights = std::make_shared<const RuleRights>(book_, who);
    if (token_rules == nullptr) return rights;
    return std::make_shared<const TokenRights>(std::move(token_rules), std::move(who),
                                               std::move(rights));
}

TokenResult<TokenClaims> Access::check_token(std::string_view token, std::string_view client_id,
                                             std::optional<std::string_view> user_name) const {
    TokenKeysPtr keys;
    {
        const std::scoped_lock lock{mutex_};
        keys = token_keys_;
    }
    CHECK(keys != nullptr);
    return judge_token(token, *keys, demands_,
                       {.client_id = client_id, .user_name = user_name, .now = clock_.wall_now()});
}

ScramUser Access::scram_user(std::string_view user_name) const {
    const UserTablePtr table = users();
    const User* const user = table->find(user_name);
    // Made for everybody: who exists cannot be told by the time.
    const ScramVerifier nobody = table->scram_of_nobody(user_name, secret_of_nobody_);
    if (user == nullptr || !user->scram) return {nobody, false, user != nullptr};
    return {*user->scram, true, true};
}

std::string Access::new_scram_nonce() {
    constexpr std::size_t nonce_bytes = 18;  // no padding in base64
    std::array<std::uint8_t, nonce_bytes> nonce{};
    random_.fill(nonce);
    return to_base64(nonce);
}

void Access::check(std::string_view user_name, std::string_view password, store::Executor& executor,
                   std::function<void(LoginVerdict)> done) {
    if (password.size() > password_bytes_max) return done(LoginVerdict::wrong);
    UserTablePtr table = users();
    const User* const user = table->find(user_name);
    const PasswordHash* const hash = user != nullptr ? &user->hash : &table->nobody();
    const auto digest = verified_.digest_of(user_name, password, hash->text());
    if (user != nullptr && verified_.contains(digest, clock_.now())) {
        return done(LoginVerdict::right);
    }
    // The table keeps what `hash` points to.
    auto shared_done = std::make_shared<std::function<void(LoginVerdict)>>(std::move(done));
    auto compare = [this, table = std::move(table), hash, is_known = user != nullptr, digest,
                    user_name = std::string{user_name}, password = std::string{password}, &executor,
                    shared_done] {
        const bool is_right = hash->matches(password) && is_known;
        // Who has a cheaper hash than others is refused no sooner than nobody.
        if (!is_right && hash->cost() < table->nobody().cost()) {
            static_cast<void>(table->nobody().matches(password));
        }
        if (is_right) verified_.insert(digest, clock_.now());
        executor.post([this, shared_done, is_right, hash, table, user_name] {
            // A reload meanwhile may have taken the user away, or the password.
            const UserTablePtr current = users();
            const User* const still = current->find(user_name);
            const bool holds = is_right && still != nullptr && still->hash.text() == hash->text();
            (*shared_done)(holds ? LoginVerdict::right : LoginVerdict::wrong);
        });
    };
    if (!worker_.submit(std::move(compare))) (*shared_done)(LoginVerdict::busy);
}

}  // namespace holdfast::access
