/** Machine codes that Google's services share. */

/** google.api.ErrorReason, and the string codes of the Interactions API. */
export const googleCodes = {
  401: [
    'API_KEY_INVALID', 'API_KEY_SERVICE_BLOCKED', 'API_KEY_HTTP_REFERRER_BLOCKED', 'API_KEY_IP_ADDRESS_BLOCKED',
    'API_KEY_ANDROID_APP_BLOCKED', 'API_KEY_IOS_APP_BLOCKED', 'SERVICE_DISABLED', 'BILLING_DISABLED', 'USER_PROJECT_DENIED',
    'CONSUMER_SUSPENDED', 'CONSUMER_INVALID', 'SECURITY_POLICY_VIOLATED', 'LOCATION_TAX_POLICY_VIOLATED', 'ACCESS_TOKEN_EXPIRED',
    'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'ACCESS_TOKEN_TYPE_UNSUPPORTED', 'CREDENTIALS_MISSING', 'IAM_PERMISSION_DENIED',
    'authentication', 'payment_required'
  ],
  422: [
    'safety', 'recitation', 'language', 'prohibited_content', 'spii', 'blocklist', 'image_safety', 'image_prohibited_content',
    'image_recitation', 'image_other', 'content_blocked'
  ],
  429: ['RATE_LIMIT_EXCEEDED', 'quota_exceeded'],
  529: ['MODEL_CAPACITY_EXHAUSTED']
} as const
