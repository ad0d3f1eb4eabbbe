#include "docs.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* The files as they are when the program is built. */
static const unsigned char file_en_start_md[] = {
#embed "../Channels/Docs/pages/en/start.md"
};
static const unsigned char file_en_onboarding_md[] = {
#embed "../Channels/Docs/pages/en/onboarding.md"
};
static const unsigned char file_en_connectors_md[] = {
#embed "../Channels/Docs/pages/en/connectors.md"
};
static const unsigned char file_en_connectors_sql_md[] = {
#embed "../Channels/Docs/pages/en/connectors-sql.md"
};
static const unsigned char file_en_connectors_soap_md[] = {
#embed "../Channels/Docs/pages/en/connectors-soap.md"
};
static const unsigned char file_en_connectors_csv_md[] = {
#embed "../Channels/Docs/pages/en/connectors-csv.md"
};
static const unsigned char file_en_mapping_md[] = {
#embed "../Channels/Docs/pages/en/mapping.md"
};
static const unsigned char file_en_tariffs_md[] = {
#embed "../Channels/Docs/pages/en/tariffs.md"
};
static const unsigned char file_en_api_md[] = {
#embed "../Channels/Docs/pages/en/api.md"
};
static const unsigned char file_en_mcp_md[] = {
#embed "../Channels/Docs/pages/en/mcp.md"
};
static const unsigned char file_en_operations_md[] = {
#embed "../Channels/Docs/pages/en/operations.md"
};
static const unsigned char file_en_security_md[] = {
#embed "../Channels/Docs/pages/en/security.md"
};
static const unsigned char file_en_how_it_works_md[] = {
#embed "../Channels/Docs/pages/en/how-it-works.md"
};
static const unsigned char file_zh_start_md[] = {
#embed "../Channels/Docs/pages/zh/start.md"
};
static const unsigned char file_zh_onboarding_md[] = {
#embed "../Channels/Docs/pages/zh/onboarding.md"
};
static const unsigned char file_zh_connectors_md[] = {
#embed "../Channels/Docs/pages/zh/connectors.md"
};
static const unsigned char file_zh_connectors_sql_md[] = {
#embed "../Channels/Docs/pages/zh/connectors-sql.md"
};
static const unsigned char file_zh_connectors_soap_md[] = {
#embed "../Channels/Docs/pages/zh/connectors-soap.md"
};
static const unsigned char file_zh_connectors_csv_md[] = {
#embed "../Channels/Docs/pages/zh/connectors-csv.md"
};
static const unsigned char file_zh_mapping_md[] = {
#embed "../Channels/Docs/pages/zh/mapping.md"
};
static const unsigned char file_zh_tariffs_md[] = {
#embed "../Channels/Docs/pages/zh/tariffs.md"
};
static const unsigned char file_zh_api_md[] = {
#embed "../Channels/Docs/pages/zh/api.md"
};
static const unsigned char file_zh_mcp_md[] = {
#embed "../Channels/Docs/pages/zh/mcp.md"
};
static const unsigned char file_zh_operations_md[] = {
#embed "../Channels/Docs/pages/zh/operations.md"
};
static const unsigned char file_zh_security_md[] = {
#embed "../Channels/Docs/pages/zh/security.md"
};
static const unsigned char file_zh_how_it_works_md[] = {
#embed "../Channels/Docs/pages/zh/how-it-works.md"
};
static const unsigned char file_reference_keys_md[] = {
#embed "../../Config/KEYS.md"
};
static const unsigned char file_reference_mapping_grammar_md[] = {
#embed "../../Mappings/README.md"
};
static const unsigned char file_reference_fields_md[] = {
#embed "../../Mappings/ENTITIES.md"
};
static const unsigned char file_reference_tariff_grammar_md[] = {
#embed "../../Config/tariffs/README.md"
};
static const unsigned char file_reference_growing_md[] = {
#embed "../PostgresStore/Growing.md"
};
static const unsigned char file_files_alerts_yaml[] = {
#embed "../../Config/monitoring/alerts.yaml"
};
static const unsigned char file_files_dashboard_json[] = {
#embed "../../Config/monitoring/dashboard.json"
};

static const struct hearth_docs_file files[] = {
    {"en/start.md", file_en_start_md, sizeof file_en_start_md},
    {"en/onboarding.md", file_en_onboarding_md, sizeof file_en_onboarding_md},
    {"en/connectors.md", file_en_connectors_md, sizeof file_en_connectors_md},
    {"en/connectors-sql.md", file_en_connectors_sql_md, sizeof file_en_connectors_sql_md},
    {"en/connectors-soap.md", file_en_connectors_soap_md, sizeof file_en_connectors_soap_md},
    {"en/connectors-csv.md", file_en_connectors_csv_md, sizeof file_en_connectors_csv_md},
    {"en/mapping.md", file_en_mapping_md, sizeof file_en_mapping_md},
    {"en/tariffs.md", file_en_tariffs_md, sizeof file_en_tariffs_md},
    {"en/api.md", file_en_api_md, sizeof file_en_api_md},
    {"en/mcp.md", file_en_mcp_md, sizeof file_en_mcp_md},
    {"en/operations.md", file_en_operations_md, sizeof file_en_operations_md},
    {"en/security.md", file_en_security_md, sizeof file_en_security_md},
    {"en/how-it-works.md", file_en_how_it_works_md, sizeof file_en_how_it_works_md},
    {"zh/start.md", file_zh_start_md, sizeof file_zh_start_md},
    {"zh/onboarding.md", file_zh_onboarding_md, sizeof file_zh_onboarding_md},
    {"zh/connectors.md", file_zh_connectors_md, sizeof file_zh_connectors_md},
    {"zh/connectors-sql.md", file_zh_connectors_sql_md, sizeof file_zh_connectors_sql_md},
    {"zh/connectors-soap.md", file_zh_connectors_soap_md, sizeof file_zh_connectors_soap_md},
    {"zh/connectors-csv.md", file_zh_connectors_csv_md, sizeof file_zh_connectors_csv_md},
    {"zh/mapping.md", file_zh_mapping_md, sizeof file_zh_mapping_md},
    {"zh/tariffs.md", file_zh_tariffs_md, sizeof file_zh_tariffs_md},
    {"zh/api.md", file_zh_api_md, sizeof file_zh_api_md},
    {"zh/mcp.md", file_zh_mcp_md, sizeof file_zh_mcp_md},
    {"zh/operations.md", file_zh_operations_md, sizeof file_zh_operations_md},
    {"zh/security.md", file_zh_security_md, sizeof file_zh_security_md},
    {"zh/how-it-works.md", file_zh_how_it_works_md, sizeof file_zh_how_it_works_md},
    {"reference/keys.md", file_reference_keys_md, sizeof file_reference_keys_md},
    {"reference/mapping-grammar.md", file_reference_mapping_grammar_md, sizeof file_reference_mapping_grammar_md},
    {"reference/fields.md", file_reference_fields_md, sizeof file_reference_fields_md},
    {"reference/tariff-grammar.md", file_reference_tariff_grammar_md, sizeof file_reference_tariff_grammar_md},
    {"reference/growing.md", file_reference_growing_md, sizeof file_reference_growing_md},
    {"files/alerts.yaml", file_files_alerts_yaml, sizeof file_files_alerts_yaml},
    {"files/dashboard.json", file_files_dashboard_json, sizeof file_files_dashboard_json},
};

unsigned long hearth_docs_count(void) { return sizeof files / sizeof files[0]; }

struct hearth_docs_file hearth_docs_file(unsigned long place) { return files[place]; }
