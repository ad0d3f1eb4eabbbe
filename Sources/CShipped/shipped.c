#include "shipped.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* The files of Config and Mappings as they are when the program is built. */
static const unsigned char file_reconciliation_yaml[] = {
#embed "../../Config/reconciliation.yaml"
};
static const unsigned char file_triage_yaml[] = {
#embed "../../Config/triage.yaml"
};
static const unsigned char file_suspension_yaml[] = {
#embed "../../Config/suspension.yaml"
};
static const unsigned char file_webhooks_yaml[] = {
#embed "../../Config/webhooks.yaml"
};
static const unsigned char file_notices_yaml[] = {
#embed "../../Config/notices.yaml"
};
static const unsigned char file_notices_zh_yaml[] = {
#embed "../../Config/notices.zh.yaml"
};
static const unsigned char file_pictures_air_vent_svg[] = {
#embed "../../Config/pictures/air-vent.svg"
};
static const unsigned char file_pictures_filter_svg[] = {
#embed "../../Config/pictures/filter.svg"
};
static const unsigned char file_pictures_valve_svg[] = {
#embed "../../Config/pictures/valve.svg"
};
static const unsigned char file_tariffs_README_md[] = {
#embed "../../Config/tariffs/README.md"
};
static const unsigned char file_tariffs_beijing_yaml[] = {
#embed "../../Config/tariffs/beijing.yaml"
};
static const unsigned char file_tariffs_harbin_yaml[] = {
#embed "../../Config/tariffs/harbin.yaml"
};
static const unsigned char file_tariffs_jinan_yaml[] = {
#embed "../../Config/tariffs/jinan.yaml"
};
static const unsigned char file_tariffs_shenyang_yaml[] = {
#embed "../../Config/tariffs/shenyang.yaml"
};
static const unsigned char file_tariffs_tianjin_yaml[] = {
#embed "../../Config/tariffs/tianjin.yaml"
};
static const unsigned char file_answers_en_yaml[] = {
#embed "../../Config/answers/en.yaml"
};
static const unsigned char file_answers_zh_yaml[] = {
#embed "../../Config/answers/zh.yaml"
};
static const unsigned char file_answers_zh_plain_yaml[] = {
#embed "../../Config/answers/zh-plain.yaml"
};
static const unsigned char file_knowledge_company_yaml[] = {
#embed "../../Config/knowledge/company.yaml"
};
static const unsigned char file_knowledge_dialect_tsv[] = {
#embed "../../Config/knowledge/dialect.tsv"
};
static const unsigned char file_knowledge_homophones_tsv[] = {
#embed "../../Config/knowledge/homophones.tsv"
};
static const unsigned char file_knowledge_intents_yaml[] = {
#embed "../../Config/knowledge/intents.yaml"
};
static const unsigned char file_knowledge_offices_yaml[] = {
#embed "../../Config/knowledge/offices.yaml"
};
static const unsigned char file_knowledge_rules_yaml[] = {
#embed "../../Config/knowledge/rules.yaml"
};
static const unsigned char file_knowledge_slots_tsv[] = {
#embed "../../Config/knowledge/slots.tsv"
};
static const unsigned char file_knowledge_topics_tsv[] = {
#embed "../../Config/knowledge/topics.tsv"
};
static const unsigned char file_knowledge_traditional_tsv[] = {
#embed "../../Config/knowledge/traditional.tsv"
};
static const unsigned char file_knowledge_words_tsv[] = {
#embed "../../Config/knowledge/words.tsv"
};
static const unsigned char file_knowledge_entries_account_yaml[] = {
#embed "../../Config/knowledge/entries/account.yaml"
};
static const unsigned char file_knowledge_entries_claims_yaml[] = {
#embed "../../Config/knowledge/entries/claims.yaml"
};
static const unsigned char file_knowledge_entries_cold_yaml[] = {
#embed "../../Config/knowledge/entries/cold.yaml"
};
static const unsigned char file_knowledge_entries_pay_yaml[] = {
#embed "../../Config/knowledge/entries/pay.yaml"
};
static const unsigned char file_knowledge_entries_suspend_yaml[] = {
#embed "../../Config/knowledge/entries/suspend.yaml"
};
static const unsigned char file_knowledge_entries_talk_yaml[] = {
#embed "../../Config/knowledge/entries/talk.yaml"
};
static const unsigned char file_knowledge_examples_account_number_lookup_txt[] = {
#embed "../../Config/knowledge/examples/account_number_lookup.txt"
};
static const unsigned char file_knowledge_examples_amount_due_txt[] = {
#embed "../../Config/knowledge/examples/amount_due.txt"
};
static const unsigned char file_knowledge_examples_bill_higher_than_last_year_txt[] = {
#embed "../../Config/knowledge/examples/bill_higher_than_last_year.txt"
};
static const unsigned char file_knowledge_examples_bill_higher_than_others_txt[] = {
#embed "../../Config/knowledge/examples/bill_higher_than_others.txt"
};
static const unsigned char file_knowledge_examples_bill_wrong_claim_txt[] = {
#embed "../../Config/knowledge/examples/bill_wrong_claim.txt"
};
static const unsigned char file_knowledge_examples_bind_account_txt[] = {
#embed "../../Config/knowledge/examples/bind_account.txt"
};
static const unsigned char file_knowledge_examples_cancel_or_change_appointment_txt[] = {
#embed "../../Config/knowledge/examples/cancel_or_change_appointment.txt"
};
static const unsigned char file_knowledge_examples_close_account_txt[] = {
#embed "../../Config/knowledge/examples/close_account.txt"
};
static const unsigned char file_knowledge_examples_cold_refund_txt[] = {
#embed "../../Config/knowledge/examples/cold_refund.txt"
};
static const unsigned char file_knowledge_examples_compensation_claim_txt[] = {
#embed "../../Config/knowledge/examples/compensation_claim.txt"
};
static const unsigned char file_knowledge_examples_complaint_txt[] = {
#embed "../../Config/knowledge/examples/complaint.txt"
};
static const unsigned char file_knowledge_examples_deadline_late_fee_txt[] = {
#embed "../../Config/knowledge/examples/deadline_late_fee.txt"
};
static const unsigned char file_knowledge_examples_elderly_help_txt[] = {
#embed "../../Config/knowledge/examples/elderly_help.txt"
};
static const unsigned char file_knowledge_examples_feedback_on_answer_txt[] = {
#embed "../../Config/knowledge/examples/feedback_on_answer.txt"
};
static const unsigned char file_knowledge_examples_follow_up_fixed_txt[] = {
#embed "../../Config/knowledge/examples/follow_up_fixed.txt"
};
static const unsigned char file_knowledge_examples_follow_up_not_fixed_txt[] = {
#embed "../../Config/knowledge/examples/follow_up_not_fixed.txt"
};
static const unsigned char file_knowledge_examples_greeting_thanks_txt[] = {
#embed "../../Config/knowledge/examples/greeting_thanks.txt"
};
static const unsigned char file_knowledge_examples_human_txt[] = {
#embed "../../Config/knowledge/examples/human.txt"
};
static const unsigned char file_knowledge_examples_invoice_txt[] = {
#embed "../../Config/knowledge/examples/invoice.txt"
};
static const unsigned char file_knowledge_examples_leak_emergency_txt[] = {
#embed "../../Config/knowledge/examples/leak_emergency.txt"
};
static const unsigned char file_knowledge_examples_new_connection_txt[] = {
#embed "../../Config/knowledge/examples/new_connection.txt"
};
static const unsigned char file_knowledge_examples_none_txt[] = {
#embed "../../Config/knowledge/examples/none.txt"
};
static const unsigned char file_knowledge_examples_not_warm_txt[] = {
#embed "../../Config/knowledge/examples/not_warm.txt"
};
static const unsigned char file_knowledge_examples_office_info_txt[] = {
#embed "../../Config/knowledge/examples/office_info.txt"
};
static const unsigned char file_knowledge_examples_order_progress_txt[] = {
#embed "../../Config/knowledge/examples/order_progress.txt"
};
static const unsigned char file_knowledge_examples_outage_notice_txt[] = {
#embed "../../Config/knowledge/examples/outage_notice.txt"
};
static const unsigned char file_knowledge_examples_pay_failed_no_receipt_txt[] = {
#embed "../../Config/knowledge/examples/pay_failed_no_receipt.txt"
};
static const unsigned char file_knowledge_examples_pay_how_txt[] = {
#embed "../../Config/knowledge/examples/pay_how.txt"
};
static const unsigned char file_knowledge_examples_payment_history_txt[] = {
#embed "../../Config/knowledge/examples/payment_history.txt"
};
static const unsigned char file_knowledge_examples_price_standard_txt[] = {
#embed "../../Config/knowledge/examples/price_standard.txt"
};
static const unsigned char file_knowledge_examples_report_fault_txt[] = {
#embed "../../Config/knowledge/examples/report_fault.txt"
};
static const unsigned char file_knowledge_examples_resume_supply_txt[] = {
#embed "../../Config/knowledge/examples/resume_supply.txt"
};
static const unsigned char file_knowledge_examples_room_temperature_query_txt[] = {
#embed "../../Config/knowledge/examples/room_temperature_query.txt"
};
static const unsigned char file_knowledge_examples_season_dates_txt[] = {
#embed "../../Config/knowledge/examples/season_dates.txt"
};
static const unsigned char file_knowledge_examples_shared_area_txt[] = {
#embed "../../Config/knowledge/examples/shared_area.txt"
};
static const unsigned char file_knowledge_examples_suspend_cost_txt[] = {
#embed "../../Config/knowledge/examples/suspend_cost.txt"
};
static const unsigned char file_knowledge_examples_suspend_how_txt[] = {
#embed "../../Config/knowledge/examples/suspend_how.txt"
};
static const unsigned char file_knowledge_examples_suspend_vs_close_txt[] = {
#embed "../../Config/knowledge/examples/suspend_vs_close.txt"
};
static const unsigned char file_knowledge_examples_to_human_txt[] = {
#embed "../../Config/knowledge/examples/to_human.txt"
};
static const unsigned char file_knowledge_examples_transfer_owner_txt[] = {
#embed "../../Config/knowledge/examples/transfer_owner.txt"
};
static const unsigned char file_knowledge_examples_unsubscribe_reminders_txt[] = {
#embed "../../Config/knowledge/examples/unsubscribe_reminders.txt"
};
static const unsigned char file_knowledge_flows_account_yaml[] = {
#embed "../../Config/knowledge/flows/account.yaml"
};
static const unsigned char file_knowledge_flows_bill_peers_yaml[] = {
#embed "../../Config/knowledge/flows/bill_peers.yaml"
};
static const unsigned char file_knowledge_flows_bill_previous_yaml[] = {
#embed "../../Config/knowledge/flows/bill_previous.yaml"
};
static const unsigned char file_knowledge_flows_bill_wrong_yaml[] = {
#embed "../../Config/knowledge/flows/bill_wrong.yaml"
};
static const unsigned char file_knowledge_flows_bind_yaml[] = {
#embed "../../Config/knowledge/flows/bind.yaml"
};
static const unsigned char file_knowledge_flows_change_yaml[] = {
#embed "../../Config/knowledge/flows/change.yaml"
};
static const unsigned char file_knowledge_flows_cold_refund_yaml[] = {
#embed "../../Config/knowledge/flows/cold_refund.yaml"
};
static const unsigned char file_knowledge_flows_compensation_yaml[] = {
#embed "../../Config/knowledge/flows/compensation.yaml"
};
static const unsigned char file_knowledge_flows_complaint_yaml[] = {
#embed "../../Config/knowledge/flows/complaint.yaml"
};
static const unsigned char file_knowledge_flows_deadline_yaml[] = {
#embed "../../Config/knowledge/flows/deadline.yaml"
};
static const unsigned char file_knowledge_flows_elderly_yaml[] = {
#embed "../../Config/knowledge/flows/elderly.yaml"
};
static const unsigned char file_knowledge_flows_feedback_yaml[] = {
#embed "../../Config/knowledge/flows/feedback.yaml"
};
static const unsigned char file_knowledge_flows_follow_up_yaml[] = {
#embed "../../Config/knowledge/flows/follow_up.yaml"
};
static const unsigned char file_knowledge_flows_greeting_yaml[] = {
#embed "../../Config/knowledge/flows/greeting.yaml"
};
static const unsigned char file_knowledge_flows_invoice_yaml[] = {
#embed "../../Config/knowledge/flows/invoice.yaml"
};
static const unsigned char file_knowledge_flows_leak_yaml[] = {
#embed "../../Config/knowledge/flows/leak.yaml"
};
static const unsigned char file_knowledge_flows_not_warm_yaml[] = {
#embed "../../Config/knowledge/flows/not_warm.yaml"
};
static const unsigned char file_knowledge_flows_number_yaml[] = {
#embed "../../Config/knowledge/flows/number.yaml"
};
static const unsigned char file_knowledge_flows_office_yaml[] = {
#embed "../../Config/knowledge/flows/office.yaml"
};
static const unsigned char file_knowledge_flows_opt_out_yaml[] = {
#embed "../../Config/knowledge/flows/opt_out.yaml"
};
static const unsigned char file_knowledge_flows_order_progress_yaml[] = {
#embed "../../Config/knowledge/flows/order_progress.yaml"
};
static const unsigned char file_knowledge_flows_outage_notice_yaml[] = {
#embed "../../Config/knowledge/flows/outage_notice.yaml"
};
static const unsigned char file_knowledge_flows_pay_yaml[] = {
#embed "../../Config/knowledge/flows/pay.yaml"
};
static const unsigned char file_knowledge_flows_payment_history_yaml[] = {
#embed "../../Config/knowledge/flows/payment_history.yaml"
};
static const unsigned char file_knowledge_flows_receipts_yaml[] = {
#embed "../../Config/knowledge/flows/receipts.yaml"
};
static const unsigned char file_knowledge_flows_report_yaml[] = {
#embed "../../Config/knowledge/flows/report.yaml"
};
static const unsigned char file_knowledge_flows_resume_yaml[] = {
#embed "../../Config/knowledge/flows/resume.yaml"
};
static const unsigned char file_knowledge_flows_shared_area_yaml[] = {
#embed "../../Config/knowledge/flows/shared_area.yaml"
};
static const unsigned char file_knowledge_flows_suspend_yaml[] = {
#embed "../../Config/knowledge/flows/suspend.yaml"
};
static const unsigned char file_knowledge_flows_temperature_yaml[] = {
#embed "../../Config/knowledge/flows/temperature.yaml"
};
static const unsigned char file_hearth_yaml[] = {
#embed "../../Config/hearth.yaml"
};
static const unsigned char file_mapping_billing_accounts_yaml[] = {
#embed "../../Mappings/billing.accounts.yaml"
};
static const unsigned char file_mapping_billing_charges_yaml[] = {
#embed "../../Mappings/billing.charges.yaml"
};
static const unsigned char file_mapping_billing_disconnections_yaml[] = {
#embed "../../Mappings/billing.disconnections.yaml"
};
static const unsigned char file_mapping_billing_payments_yaml[] = {
#embed "../../Mappings/billing.payments.yaml"
};
static const unsigned char file_mapping_billing_readings_yaml[] = {
#embed "../../Mappings/billing.readings.yaml"
};
static const unsigned char file_mapping_billing_seasons_yaml[] = {
#embed "../../Mappings/billing.seasons.yaml"
};
static const unsigned char file_mapping_billing_suspensions_yaml[] = {
#embed "../../Mappings/billing.suspensions.yaml"
};
static const unsigned char file_mapping_customer_residents_yaml[] = {
#embed "../../Mappings/customer.residents.yaml"
};
static const unsigned char file_mapping_dispatch_outages_yaml[] = {
#embed "../../Mappings/dispatch.outages.yaml"
};
static const unsigned char file_mapping_dispatch_temperatures_yaml[] = {
#embed "../../Mappings/dispatch.temperatures.yaml"
};
static const unsigned char file_mapping_dispatch_workOrderEvents_yaml[] = {
#embed "../../Mappings/dispatch.workOrderEvents.yaml"
};
static const unsigned char file_mapping_dispatch_workOrders_yaml[] = {
#embed "../../Mappings/dispatch.workOrders.yaml"
};
static const unsigned char file_mapping_unified_yaml[] = {
#embed "../../Mappings/unified.yaml"
};

/* What every company begins with, then what describes the demonstration company. */
static const struct hearth_shipped_file files[] = {
    {"Config/reconciliation.yaml", file_reconciliation_yaml, sizeof file_reconciliation_yaml, 0},
    {"Config/triage.yaml", file_triage_yaml, sizeof file_triage_yaml, 0},
    {"Config/suspension.yaml", file_suspension_yaml, sizeof file_suspension_yaml, 0},
    {"Config/webhooks.yaml", file_webhooks_yaml, sizeof file_webhooks_yaml, 0},
    {"Config/notices.yaml", file_notices_yaml, sizeof file_notices_yaml, 0},
    {"Config/notices.zh.yaml", file_notices_zh_yaml, sizeof file_notices_zh_yaml, 0},
    {"Config/pictures/air-vent.svg", file_pictures_air_vent_svg, sizeof file_pictures_air_vent_svg, 0},
    {"Config/pictures/filter.svg", file_pictures_filter_svg, sizeof file_pictures_filter_svg, 0},
    {"Config/pictures/valve.svg", file_pictures_valve_svg, sizeof file_pictures_valve_svg, 0},
    {"Config/tariffs/README.md", file_tariffs_README_md, sizeof file_tariffs_README_md, 0},
    {"Config/tariffs/beijing.yaml", file_tariffs_beijing_yaml, sizeof file_tariffs_beijing_yaml, 0},
    {"Config/tariffs/harbin.yaml", file_tariffs_harbin_yaml, sizeof file_tariffs_harbin_yaml, 0},
    {"Config/tariffs/jinan.yaml", file_tariffs_jinan_yaml, sizeof file_tariffs_jinan_yaml, 0},
    {"Config/tariffs/shenyang.yaml", file_tariffs_shenyang_yaml, sizeof file_tariffs_shenyang_yaml, 0},
    {"Config/tariffs/tianjin.yaml", file_tariffs_tianjin_yaml, sizeof file_tariffs_tianjin_yaml, 0},
    {"Config/answers/en.yaml", file_answers_en_yaml, sizeof file_answers_en_yaml, 0},
    {"Config/answers/zh.yaml", file_answers_zh_yaml, sizeof file_answers_zh_yaml, 0},
    {"Config/answers/zh-plain.yaml", file_answers_zh_plain_yaml, sizeof file_answers_zh_plain_yaml, 0},
    {"Config/knowledge/company.yaml", file_knowledge_company_yaml, sizeof file_knowledge_company_yaml, 0},
    {"Config/knowledge/dialect.tsv", file_knowledge_dialect_tsv, sizeof file_knowledge_dialect_tsv, 0},
    {"Config/knowledge/homophones.tsv", file_knowledge_homophones_tsv, sizeof file_knowledge_homophones_tsv, 0},
    {"Config/knowledge/intents.yaml", file_knowledge_intents_yaml, sizeof file_knowledge_intents_yaml, 0},
    {"Config/knowledge/offices.yaml", file_knowledge_offices_yaml, sizeof file_knowledge_offices_yaml, 0},
    {"Config/knowledge/rules.yaml", file_knowledge_rules_yaml, sizeof file_knowledge_rules_yaml, 0},
    {"Config/knowledge/slots.tsv", file_knowledge_slots_tsv, sizeof file_knowledge_slots_tsv, 0},
    {"Config/knowledge/topics.tsv", file_knowledge_topics_tsv, sizeof file_knowledge_topics_tsv, 0},
    {"Config/knowledge/traditional.tsv", file_knowledge_traditional_tsv, sizeof file_knowledge_traditional_tsv, 0},
    {"Config/knowledge/words.tsv", file_knowledge_words_tsv, sizeof file_knowledge_words_tsv, 0},
    {"Config/knowledge/entries/account.yaml", file_knowledge_entries_account_yaml, sizeof file_knowledge_entries_account_yaml, 0},
    {"Config/knowledge/entries/claims.yaml", file_knowledge_entries_claims_yaml, sizeof file_knowledge_entries_claims_yaml, 0},
    {"Config/knowledge/entries/cold.yaml", file_knowledge_entries_cold_yaml, sizeof file_knowledge_entries_cold_yaml, 0},
    {"Config/knowledge/entries/pay.yaml", file_knowledge_entries_pay_yaml, sizeof file_knowledge_entries_pay_yaml, 0},
    {"Config/knowledge/entries/suspend.yaml", file_knowledge_entries_suspend_yaml, sizeof file_knowledge_entries_suspend_yaml, 0},
    {"Config/knowledge/entries/talk.yaml", file_knowledge_entries_talk_yaml, sizeof file_knowledge_entries_talk_yaml, 0},
    {"Config/knowledge/examples/account_number_lookup.txt", file_knowledge_examples_account_number_lookup_txt, sizeof file_knowledge_examples_account_number_lookup_txt, 0},
    {"Config/knowledge/examples/amount_due.txt", file_knowledge_examples_amount_due_txt, sizeof file_knowledge_examples_amount_due_txt, 0},
    {"Config/knowledge/examples/bill_higher_than_last_year.txt", file_knowledge_examples_bill_higher_than_last_year_txt, sizeof file_knowledge_examples_bill_higher_than_last_year_txt, 0},
    {"Config/knowledge/examples/bill_higher_than_others.txt", file_knowledge_examples_bill_higher_than_others_txt, sizeof file_knowledge_examples_bill_higher_than_others_txt, 0},
    {"Config/knowledge/examples/bill_wrong_claim.txt", file_knowledge_examples_bill_wrong_claim_txt, sizeof file_knowledge_examples_bill_wrong_claim_txt, 0},
    {"Config/knowledge/examples/bind_account.txt", file_knowledge_examples_bind_account_txt, sizeof file_knowledge_examples_bind_account_txt, 0},
    {"Config/knowledge/examples/cancel_or_change_appointment.txt", file_knowledge_examples_cancel_or_change_appointment_txt, sizeof file_knowledge_examples_cancel_or_change_appointment_txt, 0},
    {"Config/knowledge/examples/close_account.txt", file_knowledge_examples_close_account_txt, sizeof file_knowledge_examples_close_account_txt, 0},
    {"Config/knowledge/examples/cold_refund.txt", file_knowledge_examples_cold_refund_txt, sizeof file_knowledge_examples_cold_refund_txt, 0},
    {"Config/knowledge/examples/compensation_claim.txt", file_knowledge_examples_compensation_claim_txt, sizeof file_knowledge_examples_compensation_claim_txt, 0},
    {"Config/knowledge/examples/complaint.txt", file_knowledge_examples_complaint_txt, sizeof file_knowledge_examples_complaint_txt, 0},
    {"Config/knowledge/examples/deadline_late_fee.txt", file_knowledge_examples_deadline_late_fee_txt, sizeof file_knowledge_examples_deadline_late_fee_txt, 0},
    {"Config/knowledge/examples/elderly_help.txt", file_knowledge_examples_elderly_help_txt, sizeof file_knowledge_examples_elderly_help_txt, 0},
    {"Config/knowledge/examples/feedback_on_answer.txt", file_knowledge_examples_feedback_on_answer_txt, sizeof file_knowledge_examples_feedback_on_answer_txt, 0},
    {"Config/knowledge/examples/follow_up_fixed.txt", file_knowledge_examples_follow_up_fixed_txt, sizeof file_knowledge_examples_follow_up_fixed_txt, 0},
    {"Config/knowledge/examples/follow_up_not_fixed.txt", file_knowledge_examples_follow_up_not_fixed_txt, sizeof file_knowledge_examples_follow_up_not_fixed_txt, 0},
    {"Config/knowledge/examples/greeting_thanks.txt", file_knowledge_examples_greeting_thanks_txt, sizeof file_knowledge_examples_greeting_thanks_txt, 0},
    {"Config/knowledge/examples/human.txt", file_knowledge_examples_human_txt, sizeof file_knowledge_examples_human_txt, 0},
    {"Config/knowledge/examples/invoice.txt", file_knowledge_examples_invoice_txt, sizeof file_knowledge_examples_invoice_txt, 0},
    {"Config/knowledge/examples/leak_emergency.txt", file_knowledge_examples_leak_emergency_txt, sizeof file_knowledge_examples_leak_emergency_txt, 0},
    {"Config/knowledge/examples/new_connection.txt", file_knowledge_examples_new_connection_txt, sizeof file_knowledge_examples_new_connection_txt, 0},
    {"Config/knowledge/examples/none.txt", file_knowledge_examples_none_txt, sizeof file_knowledge_examples_none_txt, 0},
    {"Config/knowledge/examples/not_warm.txt", file_knowledge_examples_not_warm_txt, sizeof file_knowledge_examples_not_warm_txt, 0},
    {"Config/knowledge/examples/office_info.txt", file_knowledge_examples_office_info_txt, sizeof file_knowledge_examples_office_info_txt, 0},
    {"Config/knowledge/examples/order_progress.txt", file_knowledge_examples_order_progress_txt, sizeof file_knowledge_examples_order_progress_txt, 0},
    {"Config/knowledge/examples/outage_notice.txt", file_knowledge_examples_outage_notice_txt, sizeof file_knowledge_examples_outage_notice_txt, 0},
    {"Config/knowledge/examples/pay_failed_no_receipt.txt", file_knowledge_examples_pay_failed_no_receipt_txt, sizeof file_knowledge_examples_pay_failed_no_receipt_txt, 0},
    {"Config/knowledge/examples/pay_how.txt", file_knowledge_examples_pay_how_txt, sizeof file_knowledge_examples_pay_how_txt, 0},
    {"Config/knowledge/examples/payment_history.txt", file_knowledge_examples_payment_history_txt, sizeof file_knowledge_examples_payment_history_txt, 0},
    {"Config/knowledge/examples/price_standard.txt", file_knowledge_examples_price_standard_txt, sizeof file_knowledge_examples_price_standard_txt, 0},
    {"Config/knowledge/examples/report_fault.txt", file_knowledge_examples_report_fault_txt, sizeof file_knowledge_examples_report_fault_txt, 0},
    {"Config/knowledge/examples/resume_supply.txt", file_knowledge_examples_resume_supply_txt, sizeof file_knowledge_examples_resume_supply_txt, 0},
    {"Config/knowledge/examples/room_temperature_query.txt", file_knowledge_examples_room_temperature_query_txt, sizeof file_knowledge_examples_room_temperature_query_txt, 0},
    {"Config/knowledge/examples/season_dates.txt", file_knowledge_examples_season_dates_txt, sizeof file_knowledge_examples_season_dates_txt, 0},
    {"Config/knowledge/examples/shared_area.txt", file_knowledge_examples_shared_area_txt, sizeof file_knowledge_examples_shared_area_txt, 0},
    {"Config/knowledge/examples/suspend_cost.txt", file_knowledge_examples_suspend_cost_txt, sizeof file_knowledge_examples_suspend_cost_txt, 0},
    {"Config/knowledge/examples/suspend_how.txt", file_knowledge_examples_suspend_how_txt, sizeof file_knowledge_examples_suspend_how_txt, 0},
    {"Config/knowledge/examples/suspend_vs_close.txt", file_knowledge_examples_suspend_vs_close_txt, sizeof file_knowledge_examples_suspend_vs_close_txt, 0},
    {"Config/knowledge/examples/to_human.txt", file_knowledge_examples_to_human_txt, sizeof file_knowledge_examples_to_human_txt, 0},
    {"Config/knowledge/examples/transfer_owner.txt", file_knowledge_examples_transfer_owner_txt, sizeof file_knowledge_examples_transfer_owner_txt, 0},
    {"Config/knowledge/examples/unsubscribe_reminders.txt", file_knowledge_examples_unsubscribe_reminders_txt, sizeof file_knowledge_examples_unsubscribe_reminders_txt, 0},
    {"Config/knowledge/flows/account.yaml", file_knowledge_flows_account_yaml, sizeof file_knowledge_flows_account_yaml, 0},
    {"Config/knowledge/flows/bill_peers.yaml", file_knowledge_flows_bill_peers_yaml, sizeof file_knowledge_flows_bill_peers_yaml, 0},
    {"Config/knowledge/flows/bill_previous.yaml", file_knowledge_flows_bill_previous_yaml, sizeof file_knowledge_flows_bill_previous_yaml, 0},
    {"Config/knowledge/flows/bill_wrong.yaml", file_knowledge_flows_bill_wrong_yaml, sizeof file_knowledge_flows_bill_wrong_yaml, 0},
    {"Config/knowledge/flows/bind.yaml", file_knowledge_flows_bind_yaml, sizeof file_knowledge_flows_bind_yaml, 0},
    {"Config/knowledge/flows/change.yaml", file_knowledge_flows_change_yaml, sizeof file_knowledge_flows_change_yaml, 0},
    {"Config/knowledge/flows/cold_refund.yaml", file_knowledge_flows_cold_refund_yaml, sizeof file_knowledge_flows_cold_refund_yaml, 0},
    {"Config/knowledge/flows/compensation.yaml", file_knowledge_flows_compensation_yaml, sizeof file_knowledge_flows_compensation_yaml, 0},
    {"Config/knowledge/flows/complaint.yaml", file_knowledge_flows_complaint_yaml, sizeof file_knowledge_flows_complaint_yaml, 0},
    {"Config/knowledge/flows/deadline.yaml", file_knowledge_flows_deadline_yaml, sizeof file_knowledge_flows_deadline_yaml, 0},
    {"Config/knowledge/flows/elderly.yaml", file_knowledge_flows_elderly_yaml, sizeof file_knowledge_flows_elderly_yaml, 0},
    {"Config/knowledge/flows/feedback.yaml", file_knowledge_flows_feedback_yaml, sizeof file_knowledge_flows_feedback_yaml, 0},
    {"Config/knowledge/flows/follow_up.yaml", file_knowledge_flows_follow_up_yaml, sizeof file_knowledge_flows_follow_up_yaml, 0},
    {"Config/knowledge/flows/greeting.yaml", file_knowledge_flows_greeting_yaml, sizeof file_knowledge_flows_greeting_yaml, 0},
    {"Config/knowledge/flows/invoice.yaml", file_knowledge_flows_invoice_yaml, sizeof file_knowledge_flows_invoice_yaml, 0},
    {"Config/knowledge/flows/leak.yaml", file_knowledge_flows_leak_yaml, sizeof file_knowledge_flows_leak_yaml, 0},
    {"Config/knowledge/flows/not_warm.yaml", file_knowledge_flows_not_warm_yaml, sizeof file_knowledge_flows_not_warm_yaml, 0},
    {"Config/knowledge/flows/number.yaml", file_knowledge_flows_number_yaml, sizeof file_knowledge_flows_number_yaml, 0},
    {"Config/knowledge/flows/office.yaml", file_knowledge_flows_office_yaml, sizeof file_knowledge_flows_office_yaml, 0},
    {"Config/knowledge/flows/opt_out.yaml", file_knowledge_flows_opt_out_yaml, sizeof file_knowledge_flows_opt_out_yaml, 0},
    {"Config/knowledge/flows/order_progress.yaml", file_knowledge_flows_order_progress_yaml, sizeof file_knowledge_flows_order_progress_yaml, 0},
    {"Config/knowledge/flows/outage_notice.yaml", file_knowledge_flows_outage_notice_yaml, sizeof file_knowledge_flows_outage_notice_yaml, 0},
    {"Config/knowledge/flows/pay.yaml", file_knowledge_flows_pay_yaml, sizeof file_knowledge_flows_pay_yaml, 0},
    {"Config/knowledge/flows/payment_history.yaml", file_knowledge_flows_payment_history_yaml, sizeof file_knowledge_flows_payment_history_yaml, 0},
    {"Config/knowledge/flows/receipts.yaml", file_knowledge_flows_receipts_yaml, sizeof file_knowledge_flows_receipts_yaml, 0},
    {"Config/knowledge/flows/report.yaml", file_knowledge_flows_report_yaml, sizeof file_knowledge_flows_report_yaml, 0},
    {"Config/knowledge/flows/resume.yaml", file_knowledge_flows_resume_yaml, sizeof file_knowledge_flows_resume_yaml, 0},
    {"Config/knowledge/flows/shared_area.yaml", file_knowledge_flows_shared_area_yaml, sizeof file_knowledge_flows_shared_area_yaml, 0},
    {"Config/knowledge/flows/suspend.yaml", file_knowledge_flows_suspend_yaml, sizeof file_knowledge_flows_suspend_yaml, 0},
    {"Config/knowledge/flows/temperature.yaml", file_knowledge_flows_temperature_yaml, sizeof file_knowledge_flows_temperature_yaml, 0},
    {"Config/hearth.yaml", file_hearth_yaml, sizeof file_hearth_yaml, 1},
    {"Mappings/billing.accounts.yaml", file_mapping_billing_accounts_yaml, sizeof file_mapping_billing_accounts_yaml, 1},
    {"Mappings/billing.charges.yaml", file_mapping_billing_charges_yaml, sizeof file_mapping_billing_charges_yaml, 1},
    {"Mappings/billing.disconnections.yaml", file_mapping_billing_disconnections_yaml, sizeof file_mapping_billing_disconnections_yaml, 1},
    {"Mappings/billing.payments.yaml", file_mapping_billing_payments_yaml, sizeof file_mapping_billing_payments_yaml, 1},
    {"Mappings/billing.readings.yaml", file_mapping_billing_readings_yaml, sizeof file_mapping_billing_readings_yaml, 1},
    {"Mappings/billing.seasons.yaml", file_mapping_billing_seasons_yaml, sizeof file_mapping_billing_seasons_yaml, 1},
    {"Mappings/billing.suspensions.yaml", file_mapping_billing_suspensions_yaml, sizeof file_mapping_billing_suspensions_yaml, 1},
    {"Mappings/customer.residents.yaml", file_mapping_customer_residents_yaml, sizeof file_mapping_customer_residents_yaml, 1},
    {"Mappings/dispatch.outages.yaml", file_mapping_dispatch_outages_yaml, sizeof file_mapping_dispatch_outages_yaml, 1},
    {"Mappings/dispatch.temperatures.yaml", file_mapping_dispatch_temperatures_yaml, sizeof file_mapping_dispatch_temperatures_yaml, 1},
    {"Mappings/dispatch.workOrderEvents.yaml", file_mapping_dispatch_workOrderEvents_yaml, sizeof file_mapping_dispatch_workOrderEvents_yaml, 1},
    {"Mappings/dispatch.workOrders.yaml", file_mapping_dispatch_workOrders_yaml, sizeof file_mapping_dispatch_workOrders_yaml, 1},
    {"Mappings/unified.yaml", file_mapping_unified_yaml, sizeof file_mapping_unified_yaml, 1},
};

unsigned long hearth_shipped_count(void) { return sizeof files / sizeof files[0]; }

struct hearth_shipped_file hearth_shipped_file(unsigned long place) { return files[place]; }
