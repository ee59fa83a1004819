"""What can be heard before anybody talks: tones, machines. Knows neither PJSIP nor the calls."""
