#include "api/installation.hpp"

#include "api/waiting_executor.hpp"
#include "base/digest.hpp"

#include <utility>

namespace holdfast::api {

namespace {

constexpr std::size_t identifier_bytes = 16;
constexpr std::size_t product_id_bytes = 12;
constexpr std::size_t password_letters = 24;  // 120 bits
constexpr std::string_view default_product_name = "default";

/// The catalogue as somebody sees it who can wait.
class Waiting {
public:
    explicit Waiting(store::Catalogue& catalogue) : catalogue_(catalogue) {}

    std::error_code find_setting(std::string_view name, std::optional<std::string>& value) {
        std::error_code answer;
        catalogue_.find_setting(std::string{name}, executor_,
                                [&](std::error_code error, std::optional<std::string> found) {
                                    answer = error;
                                    value = std::move(found);
                                });
        executor_.run_one();
        return answer;
    }
    std::error_code put_settings(store::Settings settings) {
        return wait(
            [&](auto done) { catalogue_.put_settings(std::move(settings), executor_, done); });
    }
    std::error_code find_user(std::string_view name) {
        std::error_code answer;
        catalogue_.find_user(
            std::string{name}, executor_,
            [&](std::error_code error, const std::optional<store::User>&) { answer = error; });
        executor_.run_one();
        return answer;
    }
    std::error_code put_user(store::User user) {
        return wait(
            [&](auto done) { catalogue_.put_user(std::move(user), executor_, std::move(done)); });
    }
    std::error_code add_product(store::Product product) {
        std::error_code answer;
        catalogue_.add_product(
            std::move(product), executor_,
            [&](std::error_code error, const store::ProductPtr&) { answer = error; });
        executor_.run_one();
        return answer;
    }

private:
    template <class Start>
    std::error_code wait(Start&& start) {
        std::error_code answer;
        start([&](std::error_code error) { answer = error; });
        executor_.run_one();
        return answer;
    }

    store::Catalogue& catalogue_;
    WaitingExecutor executor_;
};

/// Those that are not there yet are made of random bytes.
std::error_code ensure_identifiers(Waiting& catalogue, Random& random, Installation& installation) {
    const std::pair<std::string_view, std::string*> identifiers[] = {
        {"project_id", &installation.project_id},
        {"domain_id", &installation.domain_id},
        {"default_app_id", &installation.default_app_id}};
    store::Settings made;
    for (const auto& [name, value] : identifiers) {
        std::optional<std::string> found;
        if (const auto error = catalogue.find_setting(name, found)) return error;
        *value = found ? std::move(*found) : random_hex(random, identifier_bytes);
        if (!found) made.emplace_back(name, *value);
    }
    return made.empty() ? std::error_code{} : catalogue.put_settings(std::move(made));
}

/// A product that is there for who does not care about products. It may be deleted like any other, and
/// stays so: only the first start makes it.
std::error_code ensure_default_product(Waiting& catalogue, const InstallationContext& context,
                                       Installation& installation) {
    constexpr std::string_view setting = "default_product_id";
    std::optional<std::string> found;
    if (const auto error = catalogue.find_setting(setting, found)) return error;
    if (found) {
        installation.default_product_id = std::move(*found);
        return {};
    }
    store::Product product;
    product.product_id = random_hex(context.random, product_id_bytes);
    product.app_id = installation.default_app_id;
    product.name = default_product_name;
    product.device_type = default_product_name;
    product.protocol_type = "MQTT";
    product.data_format = "json";
    product.service_capabilities = "[]";
    product.created_at = context.clock.wall_now();
    installation.default_product_id = product.product_id;
    if (const auto error = catalogue.add_product(std::move(product))) return error;
    return catalogue.put_settings({{std::string{setting}, installation.default_product_id}});
}

std::error_code put_administrator(Waiting& catalogue, const InstallationContext& context,
                                  const std::string& password) {
    store::User user;
    user.name = administrator_name;
    user.domain = domain_name;
    user.password_hash = hash_password(password, context.random, context.cost);
    user.created_at = context.clock.wall_now();
    return catalogue.put_user(std::move(user));
}

}  // namespace

Result<Installation> prepare_installation(const InstallationContext& context, Tokens& tokens) {
    Waiting catalogue{context.catalogue};
    Installation installation;
    if (const auto error = ensure_identifiers(catalogue, context.random, installation)) {
        return boost::system::error_code{error};
    }
    if (const auto error = ensure_default_product(catalogue, context, installation)) {
        return boost::system::error_code{error};
    }
    std::optional<std::string> saved;
    if (const auto error = catalogue.find_setting(Tokens::setting_name, saved)) {
        return boost::system::error_code{error};
    }
    installation.lost_tokens = saved && !tokens.load(*saved, context.clock.wall_now());
    return installation;
}

Result<std::optional<std::string>> ensure_administrator(const InstallationContext& context) {
    Waiting catalogue{context.catalogue};
    const std::error_code found = catalogue.find_user(administrator_name);
    if (!found) return std::optional<std::string>{};
    if (found != store::CatalogueError::not_found) return boost::system::error_code{found};
    std::string password = random_word(context.random, password_letters);
    if (const auto error = put_administrator(catalogue, context, password)) {
        return boost::system::error_code{error};
    }
    return std::optional<std::string>{std::move(password)};
}

/// The tokens go first: an error on the way leaves the old password and nobody logged in.
Result<void> reset_administrator(const InstallationContext& context, const std::string& password) {
    Waiting catalogue{context.catalogue};
    if (const auto error = catalogue.put_settings({{std::string{Tokens::setting_name}, "[]"}})) {
        return boost::system::error_code{error};
    }
    if (const auto error = put_administrator(catalogue, context, password)) {
        return boost::system::error_code{error};
    }
    return {};
}

}  // namespace holdfast::api
