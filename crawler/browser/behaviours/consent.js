// Refuse what a consent banner asks for. Returns the platform whose button was pressed, or null.
(() => {
  const rules = {
    OneTrust: ['#onetrust-reject-all-handler', '.ot-pc-refuse-all-handler'],
    Cookiebot: ['#CybotCookiebotDialogBodyButtonDecline', '#CybotCookiebotDialogBodyLevelButtonLevelOptinDeclineAll'],
    Didomi: ['#didomi-notice-disagree-button', '.didomi-continue-without-agreeing'],
    Usercentrics: ['[data-testid="uc-deny-all-button"]', '#uc-main-dialog #deny', 'button.uc-deny-button'],
    Osano: ['.osano-cm-denyAll', '.osano-cm-deny'],
    CookieYes: ['.cky-btn-reject', '#cookie_action_close_header_reject'],
    Complianz: ['.cmplz-deny'],
    Klaro: ['.klaro .cm-btn.cn-decline', '.klaro .cn-decline'],
    iubenda: ['.iubenda-cs-reject-btn'],
    consentmanager: ['.cmpboxbtnno', '#cmpwelcomebtnno a'],
    TrustArc: ['#truste-consent-required', '#consent_prompt_reject'],
    Termly: ['[data-tid="banner-decline"]'],
    'Google Funding Choices': ['.fc-cta-do-not-consent'],
    tarteaucitron: ['#tarteaucitronAllDenied2', '#tarteaucitronAllDenied'],
    CookieConsent: ['.cm__btn[data-role="necessary"]', '#s-rall-bn', '.cc-deny'],
  };
  const shown = element => element.getClientRects().length > 0;
  const hosts = ['#usercentrics-root', '#usercentrics-cmp-ui', '#cmpwrapper', 'aside#usercentrics-cmp-ui'];
  const roots = [document, ...hosts.map(host => document.querySelector(host)?.shadowRoot).filter(Boolean)];
  for (const [platform, selectors] of Object.entries(rules)) {
    for (const selector of selectors) {
      for (const root of roots) {
        const button = root.querySelector(selector);
        if (button && shown(button)) {
          button.click();
          return `consent refused: ${platform}`;
        }
      }
    }
  }
  return null;
})()
