#include "api/key_store.hpp"

#include "api/await_answer.hpp"
#include "api/waiting_executor.hpp"
#include "base/digest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using store::DocumentPtr;

constexpr std::size_t access_key_letters = 18;  // behind HF
constexpr std::size_t secret_key_letters = 40;  // 200 bits
constexpr std::size_t api_key_bytes = 32;
constexpr std::size_t page_records = 100;

using Page = store::CataloguePage<DocumentPtr>;

/// One page without secrets.
std::error_code list_page(store::Documents& documents, store::DocumentQuery query, Page& page) {
    WaitingExecutor executor;
    std::error_code answer;
    documents.list(std::move(query), executor, [&](std::error_code error, Page found) {
        answer = error;
        page = std::move(found);
    });
    executor.run_one();
    return answer;
}

/// One with its secret; null: it cannot be read.
DocumentPtr find_document(store::Documents& documents, store::DocumentKind kind,
                          const std::string& id) {
    WaitingExecutor executor;
    DocumentPtr document;
    documents.find(kind, id, executor, [&](std::error_code error, DocumentPtr found) {
        if (!error) document = std::move(found);
    });
    executor.run_one();
    return document;
}

}  // namespace

std::string make_access_key(Random& random) {
    std::string text = "HF" + random_word(random, access_key_letters);
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

std::string make_secret_key(Random& random) { return random_word(random, secret_key_letters); }

std::string make_api_key(Random& random) {
    return std::string{api_key_prefix} + random_hex(random, api_key_bytes);
}

KeyStore::Answer KeyStore::take(std::error_code error, const DocumentPtr& document) {
    if (error) return {error, nullptr};
    auto record = read_key(*document);
    if (!record) return {make_error_code(store::CatalogueError::secret_unreadable), nullptr};
    keys_.put(std::make_shared<const AppKey>(std::move(record->facts)), record->last_used);
    return {error, keys_.find(document->id)};
}

awaitable<KeyStore::Answer> KeyStore::add(AppKeyFacts facts) {
    const auto begin = [&](auto done) {
        documents_.add(to_document({std::move(facts), {}}), app_keys_max, executor_, done);
    };
    const auto [error, document] = co_await await_answer<std::error_code, DocumentPtr>(begin);
    co_return take(error, document);
}

awaitable<KeyStore::Answer> KeyStore::change(std::string key_id, Change change) {
    const AppKeyPtr key = keys_.find(key_id);
    if (key == nullptr) {
        co_return Answer{make_error_code(store::CatalogueError::not_found), nullptr};
    }
    const auto change_document = [change = std::move(change)](store::Document& document) {
        auto record = read_key(document);
        if (!record) return make_error_code(store::CatalogueError::secret_unreadable);
        change(record->facts);
        document = to_document(*record);
        return std::error_code{};
    };
    const auto begin = [&](auto done) {
        documents_.change(document_kind_of(key->kind), key_id, change_document, executor_, done);
    };
    const auto [error, document] = co_await await_answer<std::error_code, DocumentPtr>(begin);
    co_return take(error, document);
}

awaitable<std::error_code> KeyStore::remove(std::string key_id) {
    const AppKeyPtr key = keys_.find(key_id);
    if (key == nullptr) co_return make_error_code(store::CatalogueError::not_found);
    const auto begin = [&](auto done) {
        documents_.remove(document_kind_of(key->kind), key_id, executor_, done);
    };
    const std::error_code error = co_await await_answer<std::error_code>(begin);
    if (!error || error == store::CatalogueError::not_found) keys_.remove(key_id);
    co_return error;
}

void KeyStore::keep_use(const AppKey& key, WallTime now) {
    const auto change = [now](store::Document& document) {
        auto record = read_key(document);
        if (!record) return make_error_code(store::CatalogueError::secret_unreadable);
        record->last_used = now;
        document = to_document(*record);
        return std::error_code{};
    };
    documents_.change(document_kind_of(key.kind), key.key_id, change, executor_,
                      [](std::error_code, const DocumentPtr&) {});
}

Result<AppKeyPtr> KeyStore::add_and_wait(AppKeyFacts facts) {
    WaitingExecutor executor;
    Answer answer;
    documents_.add(to_document({std::move(facts), {}}), app_keys_max, executor,
                   [&](std::error_code error, const DocumentPtr& document) {
                       answer = take(error, document);
                   });
    executor.run_one();
    if (std::get<0>(answer)) return boost::system::error_code{std::get<0>(answer)};
    return std::get<1>(answer);
}

Result<std::size_t> KeyStore::load() {
    std::size_t unreadable = 0;
    for (const KeyKind kind : {KeyKind::access_key, KeyKind::api_key}) {
        store::DocumentQuery query{.kind = document_kind_of(kind), .parent = {}, .name = {}};
        query.paging.limit = page_records;
        for (Page page;; query.paging.marker = page.marker) {
            if (const auto error = list_page(documents_, query, page)) {
                return boost::system::error_code{error};
            }
            if (page.records.empty()) break;
            for (const DocumentPtr& listed : page.records) {
                const DocumentPtr document = find_document(documents_, listed->kind, listed->id);
                if (document == nullptr || std::get<0>(take({}, document))) ++unreadable;
            }
        }
    }
    return unreadable;
}

}  // namespace holdfast::api
