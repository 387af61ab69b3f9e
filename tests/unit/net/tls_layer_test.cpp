#include "net/tls_layer.hpp"

#include <boost/test/unit_test.hpp>

#include "unit/net/tls_world.hpp"

using namespace holdfast;
using namespace holdfast::net;

namespace {

std::unique_ptr<TlsSource> read(const TlsSettings& settings) {
    auto source = std::make_unique<TlsSource>(settings, "mqtt", "");
    BOOST_TEST_REQUIRE(source->read().has_value());
    return source;
}

std::string fault_of(const TlsSettings& settings) {
    TlsSource source{settings, "mqtt", ""};
    const auto result = source.read();
    return result.has_error() ? result.error().message : "no fault";
}

void use_certificate(TlsClient& client, const TlsFolder& folder) {
    SSL_CTX_use_certificate_file(client.context(), folder.file("client.pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(client.context(), folder.file("client.key").c_str(), SSL_FILETYPE_PEM);
}

/// The key that a client of the tests shares with the server.
unsigned give_psk(SSL*, const char*, char* identity, unsigned, unsigned char* key, unsigned) {
    std::copy_n("pump", 5, identity);
    std::fill_n(key, 16, static_cast<unsigned char>(0xAB));
    return 16;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_layer)

BOOST_AUTO_TEST_CASE(bytes_go_both_ways_in_both_versions) {
    const TlsFolder folder;
    const auto source = read(folder.settings());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsLayer layer{*source};
        TlsClient client{layer};
        SSL_CTX_set_max_proto_version(client.context(), version);
        BOOST_TEST_REQUIRE(client.shake_hands());
        BOOST_TEST(client.has_begun);
        BOOST_TEST(!client.is_resumed);
        BOOST_TEST(SSL_version(client.ssl()) == version);
        client.send("to the server");
        BOOST_TEST(client.received == "to the server");
        BOOST_TEST(client.receive(std::string(40'000, 'x')) == std::string(40'000, 'x'));
        BOOST_TEST(layer.identity() == nullptr);
    }
}

BOOST_AUTO_TEST_CASE(older_versions_and_a_minimum_that_is_not_met_are_refused) {
    const TlsFolder folder;
    TlsSettings settings = folder.settings();
    settings.minimum = TlsVersion::v1_3;
    const auto source = read(settings);
    TlsLayer layer{*source};
    TlsClient client{layer};
    SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
    BOOST_TEST(!client.shake_hands());
    BOOST_TEST((client.last.failure->reason == CloseReason::tls_failed));
    BOOST_TEST(client.last.failure->detail.find("unsupported protocol") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_does_not_speak_tls_is_refused_with_an_alert) {
    const TlsFolder folder;
    const auto source = read(folder.settings());
    TlsLayer layer{*source};
    ByteBuffer plain;
    ByteBuffer reply;
    const std::string connect{"\x10\x0E\0\4MQTT\4\2\0\0\0\2ab", 16};
    const Opened opened = layer.open(as_bytes(connect), plain, reply);
    BOOST_TEST((opened.failure->reason == CloseReason::tls_failed));
    BOOST_TEST(plain.empty());
}

BOOST_AUTO_TEST_CASE(a_close_notify_ends_what_is_read_and_is_said_once) {
    const TlsFolder folder;
    const auto source = read(folder.settings());
    TlsLayer layer{*source};
    TlsClient client{layer};
    BOOST_TEST_REQUIRE(client.shake_hands());
    ByteBuffer last_words;
    layer.end(last_words);
    BOOST_TEST(!last_words.empty());
    client.hand_to_client({last_words.data(), last_words.size()});
    BOOST_TEST(client.read() == "");
    BOOST_TEST((SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN) != 0);
    SSL_shutdown(client.ssl());
    client.send("");
    BOOST_TEST(client.last.is_ended);
}

BOOST_AUTO_TEST_CASE(a_clients_certificate_says_who_it_is) {
    const TlsFolder folder;
    const auto source = read(folder.settings_with_clients());
    TlsLayer layer{*source};
    TlsClient client{layer};
    use_certificate(client, folder);
    BOOST_TEST_REQUIRE(client.shake_hands());
    BOOST_TEST_REQUIRE(layer.identity() != nullptr);
    BOOST_TEST(layer.identity()->common_name == "pump-7");
    BOOST_TEST(layer.identity()->fingerprint.size() == 64U);
    BOOST_TEST(layer.identity()->fingerprint_sha1.size() == 40U);
    BOOST_TEST(!layer.is_revoked());
}

BOOST_AUTO_TEST_CASE(without_a_certificate_or_with_a_strangers_nobody_comes_in) {
    const TlsFolder folder;
    const auto source = read(folder.settings_with_clients());
    TlsLayer layer{*source};
    TlsClient nobody{layer};
    SSL_CTX_set_max_proto_version(nobody.context(), TLS1_2_VERSION);
    BOOST_TEST(!nobody.shake_hands());

    const TlsFolder strangers;
    TlsLayer another{*source};
    TlsClient stranger{another};
    SSL_CTX_set_max_proto_version(stranger.context(), TLS1_2_VERSION);
    use_certificate(stranger, strangers);
    BOOST_TEST(!stranger.shake_hands());
    BOOST_TEST(another.identity() == nullptr);
}

BOOST_AUTO_TEST_CASE(a_certificate_may_be_optional) {
    const TlsFolder folder;
    TlsSettings settings = folder.settings_with_clients();
    settings.client_certificate = ClientCertificate::optional;
    const auto source = read(settings);
    TlsLayer layer{*source};
    TlsClient client{layer};
    BOOST_TEST(client.shake_hands());
    BOOST_TEST(layer.identity() == nullptr);
}

BOOST_AUTO_TEST_CASE(a_revoked_certificate_ends_its_connection_and_opens_none) {
    const TlsFolder folder;
    TlsSettings settings = folder.settings_with_clients();
    settings.revocations = folder.file("revoked.pem");
    const Credential other = *make_client_certificate(folder.authority, "other", 1);
    folder.write("revoked.pem", *revoke(folder.authority, "", other.certificate, 1));
    const auto source = read(settings);
    TlsLayer layer{*source};
    TlsClient client{layer};
    use_certificate(client, folder);
    BOOST_TEST_REQUIRE(client.shake_hands());
    BOOST_TEST(!layer.is_revoked());

    folder.write("revoked.pem", *revoke(folder.authority,
                                        *revoke(folder.authority, "", other.certificate, 1),
                                        folder.client.certificate, 1));
    BOOST_TEST_REQUIRE(source->read().has_value());
    BOOST_TEST(layer.is_revoked());
    TlsLayer again{*source};
    TlsClient client_again{again};
    SSL_CTX_set_max_proto_version(client_again.context(), TLS1_2_VERSION);
    use_certificate(client_again, folder);
    BOOST_TEST(!client_again.shake_hands());
    BOOST_TEST(client_again.last.failure->detail.find("revoked") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_ticket_resumes_a_session_also_after_a_reload) {
    const TlsFolder folder;
    const auto source = read(folder.settings());
    TlsLayer layer{*source};
    TlsClient client{layer};
    BOOST_TEST_REQUIRE(client.shake_hands());
    BOOST_TEST(client.receive("ticket first") == "ticket first");
    SSL_SESSION* const session = SSL_get1_session(client.ssl());
    folder.write_server();
    BOOST_TEST_REQUIRE(source->read().has_value());
    TlsLayer again{*source};
    TlsClient resuming{again};
    resuming.resume(session);
    BOOST_TEST(resuming.shake_hands());
    BOOST_TEST(resuming.is_resumed);
    SSL_SESSION_free(session);
}

BOOST_AUTO_TEST_CASE(a_ticket_from_before_trust_changed_is_worth_nothing) {
    const TlsFolder folder;
    TlsSettings settings = folder.settings_with_clients();
    settings.revocations = folder.file("revoked.pem");
    const Credential other = *make_client_certificate(folder.authority, "other", 1);
    folder.write("revoked.pem", *revoke(folder.authority, "", other.certificate, 1));
    const auto source = read(settings);
    TlsLayer layer{*source};
    TlsClient client{layer};
    use_certificate(client, folder);
    BOOST_TEST_REQUIRE(client.shake_hands());
    BOOST_TEST(client.receive("ticket first") == "ticket first");
    SSL_SESSION* const session = SSL_get1_session(client.ssl());
    folder.write("revoked.pem", *revoke(folder.authority, "", folder.client.certificate, 1));
    BOOST_TEST_REQUIRE(source->read().has_value());
    TlsLayer again{*source};
    TlsClient resuming{again};
    resuming.resume(session);
    use_certificate(resuming, folder);
    static_cast<void>(resuming.shake_hands());
    BOOST_TEST(!resuming.is_resumed);
    BOOST_TEST(again.identity() == nullptr);
    SSL_SESSION_free(session);
}

BOOST_AUTO_TEST_CASE(a_pre_shared_key_proves_an_identity_in_both_versions) {
    const TlsFolder folder;
    folder.write("psk", "# devices\nother:00\npump:abababababababababababababababab\n");
    TlsSettings settings;
    settings.psk_file = folder.file("psk");
    const auto source = read(settings);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsLayer layer{*source};
        TlsClient client{layer};
        SSL_CTX_set_max_proto_version(client.context(), version);
        SSL_CTX_set_psk_client_callback(client.context(), &give_psk);
        BOOST_TEST_REQUIRE(client.shake_hands());
        BOOST_TEST_REQUIRE(layer.identity() != nullptr);
        BOOST_TEST(layer.identity()->psk_identity == "pump");
    }
    folder.write("psk", "pump:00\n");
    BOOST_TEST_REQUIRE(source->read().has_value());
    TlsLayer layer{*source};
    TlsClient client{layer};
    SSL_CTX_set_psk_client_callback(client.context(), &give_psk);
    BOOST_TEST(!client.shake_hands());
}

BOOST_AUTO_TEST_CASE(broken_files_are_refused_with_their_name_and_keep_what_was_there) {
    const TlsFolder folder;
    const auto source = read(folder.settings());
    const TlsContextPtr before = source->newest();
    folder.write("server.pem", "this is no certificate");
    BOOST_TEST(source->has_changed());
    const auto result = source->read();
    BOOST_TEST(result.error().message.find("server.pem") != std::string::npos);
    BOOST_TEST((source->newest() == before));
    BOOST_TEST(!source->has_changed());

    TlsSettings settings = folder.settings();
    settings.certificate = "/nowhere/server.pem";
    BOOST_TEST(fault_of(settings).find("/nowhere/server.pem") != std::string::npos);
    folder.write_server();
    settings = folder.settings();
    settings.key = folder.file("client.key");
    BOOST_TEST(fault_of(settings).find("key values mismatch") != std::string::npos);
    settings = folder.settings();
    settings.ciphers = "NO-SUCH";
    BOOST_TEST(fault_of(settings).find("NO-SUCH") != std::string::npos);
    settings = folder.settings_with_clients();
    settings.client_authorities = folder.file("server.key");
    BOOST_TEST(fault_of(settings).find("no certificate in it") != std::string::npos);
    settings = folder.settings_with_clients();
    settings.revocations = folder.file("authority.pem");
    BOOST_TEST(fault_of(settings).find("no list in it") != std::string::npos);
    settings = folder.settings();
    settings.psk_file = folder.file("psk");
    folder.write("psk", "pump:00\nbroken\n");
    BOOST_TEST(fault_of(settings).find("psk line 2: it is not identity:key") != std::string::npos);
    folder.write("empty", "");
    settings.psk_file = folder.file("empty");
    BOOST_TEST(fault_of(settings).find("is empty") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
