SELECT
    month,
    division,
    domestic_arrests,
    dvpn_issued,
    disclosure_applications,
    disclosures,
    loaded_at
FROM fact_dvpn_month
